import { names, walk } from '../tree.ts';
import type { World } from '../world/world.ts';

/** Functions of PostgreSQL and of its extensions whose value differs from row to row and that are written as defaults. */
export const VOLATILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'currval',
  'gen_random_bytes',
  'gen_random_uuid',
  'gen_salt',
  'lastval',
  'lo_create',
  'nextval',
  'pg_notify',
  'random',
  'random_normal',
  'set_config',
  'setval',
  'timeofday',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'uuidv4',
  'uuidv7',
]);

/**
 * A function in an expression that PostgreSQL must call once for each row; undefined where there is none. Functions
 * that a file made are known by what the file says of them; others are taken to be stable.
 */
export function volatileCall(expression: unknown, world: World): string | undefined {
  let found: string | undefined;
  walk(expression, (part, name) => {
    if (name !== 'FuncCall') return;
    const called = names(part['funcname']).at(-1) ?? '';
    const made = world.function(world.nameOf(part['funcname']));
    if (made?.volatile ?? VOLATILE_FUNCTIONS.has(called)) found ??= called;
  });
  return found;
}

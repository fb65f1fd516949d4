import { createHash } from 'node:crypto';
import type pg from 'pg';
import { sqlStateOf } from './pg-errors.ts';

/** Lists with many filters have many texts; those that come again and again are few, and each costs a backend some kilobytes. */
const mostStatements = 256;

/** Texts that were sent once, lately. */
const seen = new Set<string>();
const names = new Map<string, string>();

/**
 * Prepares what comes a second time with parameters, under a name: PostgreSQL need not parse and plan it again, which is half of
 * what a short operation costs it. Of the many forms of `query` that is the one of a text and a list, which Kysely uses.
 *
 * A prepared statement that a migration of the schema has moved away from fails once; it is prepared anew the next time.
 */
export function prepareRepeated(client: pg.ClientBase): void {
  const send = client.query.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
  let generation = 0;
  const query = (...args: readonly unknown[]): unknown => {
    const [text, values] = args;
    const name =
      typeof text === 'string' && Array.isArray(values) && args.length === 2 ? nameOf(text) : undefined;
    if (name === undefined) return send(...args);
    const answer = send({ name: `${name}_${String(generation)}`, text, values });
    answer.catch((error: unknown) => {
      if (isOutdated(error)) generation += 1;
    });
    return answer;
  };
  client.query = query as typeof client.query;
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostStatements) return known;
  if (seen.delete(text)) {
    const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
    names.set(text, name);
    return name;
  }
  if (seen.size >= mostStatements) seen.clear();
  seen.add(text);
  return undefined;
}

/** The columns of a `SELECT *` have changed, or somebody has discarded what was prepared. */
function isOutdated(error: unknown): boolean {
  return ['0A000', '26000'].includes(sqlStateOf(error) ?? '');
}

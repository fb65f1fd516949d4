import type { SecurityEventKind } from './event.ts';

/** What PostgreSQL said to a statement; parts of its ErrorResponse. */
export interface PostgresRefusal {
  readonly code?: string | undefined;
  readonly message: string;
  /** The C function that raised it, which no locale translates. */
  readonly routine?: string | undefined;
}

/** The statement that it was said to. */
export interface RefusedStatement {
  readonly text: string;
  /** The schema of the tenant whose connection it is. */
  readonly schema: string;
  /** The search path of the session, where the server tells it (PostgreSQL 18 does). */
  readonly searchPath?: string | undefined;
  /** It was the assertion before a COMMIT. */
  readonly isAssertion?: boolean | undefined;
  /** It wanted rows from the client, which the library does not send. */
  readonly isCopy?: boolean | undefined;
}

const roleSwitch =
  /\bset\s+(?:local\s+|session\s+)?(?:role|authorization|session\s+authorization)\b|\bset_config\s*\(\s*'(?:role|session_authorization)'/i;
const roleChange = /\b(?:grant|revoke|reassign|(?:alter|drop)\s+(?:role|user|group))\b/i;
const tenantName = /\bt_[a-z2-7]{12}(?![a-z0-9])/g;
/** Schemas that a name may be sought in without anybody wanting somebody else's. */
const sharedSchemas: ReadonlySet<string> = new Set([
  'extensions',
  'information_schema',
  'pg_catalog',
  'pg_temp',
  'public',
  'reference',
]);

/** Codes that {@link classify} looks at: everything else is an ordinary mistake. */
export const telling: ReadonlySet<string> = new Set([
  '42501',
  '42P01',
  '3F000',
  '42883',
  '42704',
  '22023',
  '42601',
  '57014',
  '22P02',
]);

/** What kind of refusal it is, or undefined for a mistake that anybody makes: a typo, a value that is too long, a table that is not there yet. */
export function classify(said: PostgresRefusal, statement: RefusedStatement): SecurityEventKind | undefined {
  const { text } = statement;
  switch (said.code ?? '') {
    case '42501':
      return roleSwitch.test(text) || said.message.startsWith('permission denied to set role')
        ? 'role-switch'
        : 'denied';
    case '42704':
    case '22023':
      return roleSwitch.test(text) || (said.code === '42704' && roleChange.test(text))
        ? 'role-switch'
        : undefined;
    case '42P01':
    case '3F000':
    case '42883':
      return isForeign(said, statement) ? 'foreign-name' : undefined;
    case '42601':
      return said.routine === 'exec_parse_message' ? 'guard' : undefined;
    case '57014':
      return statement.isCopy ? 'guard' : undefined;
    case '22P02':
      return statement.isAssertion ? 'lane-assertion' : undefined;
    default:
      return undefined;
  }
}

function isForeign(
  { code, message }: PostgresRefusal,
  { text, schema, searchPath = '' }: RefusedStatement,
): boolean {
  const names = `${text} ${searchPath}`.match(tenantName) ?? [];
  if (names.some((name) => name !== schema)) return true;
  // What stands in quotes, whichever quotes the locale of the server has.
  const named = /["«„“‘'](.+?)["»“”’']/.exec(message)?.[1] ?? '';
  const sought = code === '3F000' ? named : /^([^.\s]+)\.[^.]/.exec(named)?.[1];
  const isElsewhere = (name: string): boolean =>
    name !== '' && name !== schema && !sharedSchemas.has(name) && !name.startsWith('pg_');
  if (sought !== undefined && isElsewhere(sought)) return true;
  return code === '42P01' && schemasOf(searchPath).some(isElsewhere);
}

/** A path that was set to another's schema finds nothing there, and nothing says so but the path itself. */
function schemasOf(searchPath: string): readonly string[] {
  return searchPath
    .split(',')
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .filter((name) => name !== '' && name !== '$user');
}

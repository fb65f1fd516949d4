import { escapeIdentifier } from 'pg';

import type { Session } from './session.ts';

/** An index that a concurrent build left behind: it is kept up to date by every write and used by no query. */
export interface InvalidIndex {
  readonly schema: string;
  readonly name: string;
  /** The statement that removes it. */
  readonly drop: string;
}

/** Not those that are being built this moment, nor those of partitioned tables, which are invalid until all parts are there. */
const FIND = `SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
ORDER BY 1, 2`;

/** The INVALID indexes of the session's schemas. */
export async function findInvalidIndexes(session: Session): Promise<readonly InvalidIndex[]> {
  const { rows } = await session.client.query<{ schema: string; name: string }>(FIND, [session.schemas]);
  return rows.map(({ schema, name }) => ({
    schema,
    name,
    drop: `DROP INDEX CONCURRENTLY ${escapeIdentifier(schema)}.${escapeIdentifier(name)};`,
  }));
}

/** What a person is told about them; undefined where there are none. */
export function describeInvalidIndexes(indexes: readonly InvalidIndex[]): string | undefined {
  if (indexes.length === 0) return undefined;
  const drops = indexes.map(({ drop }) => drop).join('\n');
  return `${indexes.length === 1 ? 'An index is' : `${indexes.length} indexes are`} INVALID, left by a build that failed. Remove with:\n${drops}`;
}

import { DatabaseError } from 'pg';
import type { ClientBase, QueryResult } from 'pg';

import { MigrateError } from './errors.ts';

/** The state of the caller's connection, read once before anything runs. */
export interface Session {
  readonly user: string;
  readonly userOid: number;
  readonly database: string;
  readonly databaseOid: number;
  readonly searchPath: string;
  readonly lockTimeout: string;
  readonly schemaOid: number;
  readonly grantees: readonly string[];
  readonly granteeOids: readonly number[];
}

interface Row {
  readonly user: string;
  readonly user_oid: string;
  readonly database: string;
  readonly database_oid: string;
  readonly search_path: string;
  readonly current_schema: string | null;
  readonly lock_timeout: string;
  readonly schema_oid: string | null;
  readonly empty: boolean;
  readonly grantee: string | null;
  readonly grantee_oid: string | null;
}

const NO_ACTIVE_TRANSACTION = '25P01';

/**
 * A savepoint, because PostgreSQL refuses it outside a transaction; the lexer's rule that splitting relied on; then one
 * row for each role in the schema's privileges, or one row where there are none.
 */
const READ = (schemaLiteral: string, prelude: string) => `
SAVEPOINT migrate_check;
RELEASE SAVEPOINT migrate_check;
${prelude};
SET LOCAL standard_conforming_strings = on;
SELECT current_user::text AS "user", pg_catalog.quote_ident(current_user)::pg_catalog.regrole::pg_catalog.oid::text AS user_oid,
  d.datname::text AS database, d.oid::text AS database_oid,
  pg_catalog.current_setting('search_path') AS search_path, pg_catalog.current_schema()::text AS current_schema, pg_catalog.current_setting('lock_timeout') AS lock_timeout,
  n.oid::text AS schema_oid,
  (SELECT true FROM pg_catalog.pg_depend
   WHERE refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND refobjid = n.oid AND deptype = 'n' LIMIT 1) IS NULL AS empty,
  CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END AS grantee,
  a.grantee::text AS grantee_oid
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = ${schemaLiteral}
LEFT JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a ON true
WHERE d.datname = pg_catalog.current_database()`;

/**
 * Reads the connection's state.
 *
 * @throws Error outside a transaction or without the schema in search_path, the caller's mistakes; MigrateError MIGRATION_FAILED where the schema
 * is absent or not empty
 */
export async function readSession(
  client: ClientBase,
  schema: string,
  schemaLiteral: string,
  prelude = '',
): Promise<Session> {
  const rows = await readRows(client, READ(schemaLiteral, prelude));
  const [row] = rows;
  if (row === undefined) throw new Error('the server gave no answer about the session');
  if (row.schema_oid === null) {
    throw new MigrateError('MIGRATION_FAILED', `the schema "${schema}" does not exist`, {
      sqlState: '3F000',
      hint: 'Create it first, owned by the current role.',
    });
  }
  if (!row.empty) {
    throw new MigrateError('MIGRATION_FAILED', `the schema "${schema}" is not empty`, {
      sqlState: '42P07',
      hint: 'Only a new schema is built this way.',
    });
  }
  if (row.current_schema !== schema) {
    throw new Error(
      `applyToEmptySchema needs "${schema}" first in search_path, and there is "${row.current_schema}"`,
    );
  }
  return {
    user: row.user,
    userOid: Number(row.user_oid),
    database: row.database,
    databaseOid: Number(row.database_oid),
    searchPath: row.search_path,
    lockTimeout: row.lock_timeout,
    schemaOid: Number(row.schema_oid),
    grantees: distinct(rows.map(({ grantee }) => grantee)),
    granteeOids: distinct(rows.map(({ grantee_oid: oid }) => oid)).map(Number),
  };
}

function distinct(values: readonly (string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

async function readRows(client: ClientBase, read: string): Promise<readonly Row[]> {
  try {
    // A text of several statements makes pg answer with one result for each; its types say a single one.
    const results = (await client.query(read)) as unknown as readonly QueryResult<Row>[];
    return results.at(-1)?.rows ?? [];
  } catch (error) {
    if (error instanceof DatabaseError && error.code === NO_ACTIVE_TRANSACTION) {
      throw new Error('applyToEmptySchema needs an open transaction: BEGIN first, COMMIT afterwards', {
        cause: error,
      });
    }
    throw error;
  }
}

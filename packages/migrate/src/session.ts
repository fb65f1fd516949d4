import { DatabaseError } from 'pg';
import type { ClientBase, QueryResult } from 'pg';

import { MigrateError } from './errors.ts';

/** The state of the caller's connection, read once before anything runs. */
export interface Session {
  readonly user: string;
  readonly userOid: number;
  readonly database: string;
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
  readonly search_path: string;
  readonly lock_timeout: string;
  readonly schema_oid: string | null;
  readonly empty: boolean | null;
  readonly grantees: string[] | null;
  readonly grantee_oids: string[] | null;
}

const NO_ACTIVE_TRANSACTION = '25P01';

/** A savepoint, because it is what PostgreSQL refuses outside a transaction; the lexer rule that splitting relied on. */
const READ = (schemaLiteral: string) => `
SAVEPOINT migrate_check;
RELEASE SAVEPOINT migrate_check;
SET LOCAL standard_conforming_strings = on;
SELECT current_user::text AS "user", (SELECT oid::text FROM pg_catalog.pg_roles WHERE rolname = current_user) AS user_oid,
  pg_catalog.current_database()::text AS database, pg_catalog.current_setting('search_path') AS search_path,
  pg_catalog.current_setting('lock_timeout') AS lock_timeout, n.oid::text AS schema_oid,
  NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid AND d.deptype = 'n'
  ) AS empty, g.grantees, g.grantee_oids
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = ${schemaLiteral}
LEFT JOIN LATERAL (
  SELECT pg_catalog.array_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END) AS grantees,
    pg_catalog.array_agg(DISTINCT a.grantee::text) AS grantee_oids
  FROM pg_catalog.aclexplode(n.nspacl) a
) g ON true`;

/**
 * Reads the connection's state.
 *
 * @throws Error outside a transaction, which is the caller's mistake; MigrateError MIGRATION_FAILED where the schema
 * is absent or not empty
 */
export async function readSession(
  client: ClientBase,
  schema: string,
  schemaLiteral: string,
): Promise<Session> {
  const row = await readRow(client, schemaLiteral);
  if (row.schema_oid === null) {
    throw new MigrateError('MIGRATION_FAILED', `the schema "${schema}" does not exist`, {
      sqlState: '3F000',
      hint: 'Create it first, owned by the current role.',
    });
  }
  if (row.empty !== true) {
    throw new MigrateError('MIGRATION_FAILED', `the schema "${schema}" is not empty`, {
      sqlState: '42P07',
      hint: 'Only a new schema is built this way.',
    });
  }
  return {
    user: row.user,
    userOid: Number(row.user_oid),
    database: row.database,
    searchPath: row.search_path,
    lockTimeout: row.lock_timeout,
    schemaOid: Number(row.schema_oid),
    grantees: row.grantees ?? [],
    granteeOids: (row.grantee_oids ?? []).map(Number),
  };
}

async function readRow(client: ClientBase, schemaLiteral: string): Promise<Row> {
  try {
    // A text of several statements makes pg answer with one result for each; its types say a single one.
    const results = (await client.query(READ(schemaLiteral))) as unknown as readonly QueryResult<Row>[];
    const row = results.at(-1)?.rows[0];
    if (row === undefined) throw new Error('the server gave no answer about the session');
    return row;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === NO_ACTIVE_TRANSACTION) {
      throw new Error('applyToEmptySchema needs an open transaction: BEGIN first, COMMIT afterwards', {
        cause: error,
      });
    }
    throw error;
  }
}

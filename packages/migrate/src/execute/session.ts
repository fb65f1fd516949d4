import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Client } from 'pg';

import { MigrateError } from '../errors.ts';
import { historyName } from '../history.ts';
import { advisoryKey } from '../lock.ts';
import type { MigrateSettings } from '../settings.ts';
import type { Log } from './log.ts';

/** One connection and what was true of it when the command began. */
export interface Session {
  readonly client: Client;
  readonly settings: MigrateSettings;
  readonly log: Log;
  readonly database: string;
  /** The role that was current after initSql: it runs every script and owns what they make. */
  readonly role: string;
  /** The connection's own search_path, and the one for scripts: the schema before it. */
  readonly originalSearchPath: string;
  readonly searchPath: string;
  /** The schema that holds the history. */
  readonly schema: string;
  /** All schemas that the command looks after, the history's among them. */
  readonly schemas: readonly string[];
  /** The history table, qualified and quoted. */
  readonly table: string;
  /** Flyway's advisory lock for that table. */
  readonly key: bigint;
  /** As PostgreSQL counts it: 180004. */
  readonly serverVersion: number;
  /** What a statement of a transactional script waits for a lock, in milliseconds; null leaves the connection's own. */
  readonly lockTimeout: number | null;
  /** The connection's own `synchronous_commit`. */
  readonly synchronousCommit: string;
}

interface Row {
  readonly role: string;
  readonly database: string;
  readonly search_path: string;
  readonly current_schema: string | null;
  readonly version: string;
  readonly lock_timeout: string;
  readonly synchronous_commit: string;
}

const READ = `SELECT current_user::text AS role, pg_catalog.current_database()::text AS database,
  pg_catalog.current_setting('search_path') AS search_path, pg_catalog.current_schema()::text AS current_schema,
  pg_catalog.current_setting('server_version_num') AS version, pg_catalog.current_setting('lock_timeout') AS lock_timeout,
  pg_catalog.current_setting('synchronous_commit') AS synchronous_commit`;

/**
 * Reads the connection's state, which is what every script begins with: role and search_path that one script sets do not
 * reach the next.
 *
 * @throws MigrateError MIGRATION_SCHEMA_UNKNOWN where neither the settings nor the connection name a schema
 */
export async function openSession(client: Client, settings: MigrateSettings, log: Log): Promise<Session> {
  const { rows } = await client.query<Row>(READ);
  const [row] = rows;
  if (row === undefined) throw new Error('the server gave no answer about the session');
  const schema = settings.defaultSchema ?? settings.schemas[0] ?? row.current_schema;
  if (schema === null) {
    throw new MigrateError(
      'MIGRATION_SCHEMA_UNKNOWN',
      'Unable to determine schema for the schema history table. Set a default schema for the connection or specify one using the defaultSchema property!',
      { flywayCode: 'ERROR', hint: 'Name the schema with --schema, or give the role a search_path.' },
    );
  }
  const schemas = settings.schemas.includes(schema) ? settings.schemas : [schema, ...settings.schemas];
  return {
    client,
    settings,
    log,
    database: row.database,
    role: row.role,
    originalSearchPath: row.search_path,
    searchPath: searchPathFor(schema, row.search_path),
    schema,
    schemas: [...new Set(schemas)],
    table: historyName(schema, settings.table),
    key: advisoryKey(schema, settings.table),
    serverVersion: Number(row.version),
    // A connection that brings a lock_timeout of its own was given it on purpose.
    lockTimeout: row.lock_timeout === '0' && settings.lockTimeout > 0 ? settings.lockTimeout : null,
    synchronousCommit: row.synchronous_commit,
  };
}

/** Flyway puts the schema first and leaves the rest, so that `public` and extensions stay in reach. */
function searchPathFor(schema: string, original: string): string {
  const name = escapeIdentifier(schema);
  if (original === schema || original === name) return original;
  if (original.startsWith(`${schema},`) || original.startsWith(`${name},`)) return original;
  return original.trim() === '' ? name : `${name}, ${original}`;
}

/** The calls that give a statement the role and search_path that every script begins with. */
export function settle(session: Session, searchPath: string = session.searchPath): readonly string[] {
  return [
    `pg_catalog.set_config('role', ${escapeLiteral(session.role)}, false)`,
    `pg_catalog.set_config('search_path', ${escapeLiteral(searchPath)}, false)`,
  ];
}

/** Leaves the connection with the role and search_path that it came with. */
export async function restoreSession(session: Session): Promise<void> {
  await session.client.query(`SELECT ${settle(session, session.originalSearchPath).join(', ')}`);
}

/** A schema's name as Flyway's messages show it. */
export function quoted(schema: string): string {
  return escapeIdentifier(schema);
}

import pg from 'pg';
import { ownerOf, scramVerifier, tenantId } from '@tenantry/tenancy';
import { takeAdvisoryLock, takeAdvisorySql, type AdvisoryLock } from '../db/advisory-lock.ts';
import { preparation } from '../db/cells/prepare.ts';
import type { Cell } from '../db/cells/registry.ts';
import { TenantryError } from '../errors.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** Connections of one reader: it is for a person, or one program. */
const connectionLimit = 5;
/** How long its connections may take to end before that is reported as a failure. */
const endWithinMs = 5_000;
const lookAgainMs = 20;

export interface ReaderRole {
  readonly login: string;
  readonly password: string;
  readonly expiresAt: Date;
  /** Schemas of the tenants that it is to see. */
  readonly schemas: readonly string[];
}

/**
 * Makes the login of a reader, in one transaction: USAGE on each schema and SELECT on its tables and views, granted by the
 * owner of each, and of everything else nothing. It is a member of no role. Gives how many tables and views of each schema
 * it can read. `beforeCommit` runs when everything stands, and what it throws rolls everything back.
 *
 * What it is set to (read-only, time limits) it can change in its own sessions; what it was granted it cannot.
 */
export async function makeReaderRole(
  cell: Cell,
  { login, password, expiresAt, schemas }: ReaderRole,
  beforeCommit: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const role = escapeIdentifier(login);
  const verifier = await scramVerifier(password);
  return cell.withConnection(async (client) => {
    await client.query(`
      BEGIN;
      ${lock(login)};
      CREATE ROLE ${role} LOGIN NOINHERIT PASSWORD ${escapeLiteral(verifier)} CONNECTION LIMIT ${connectionLimit}
        VALID UNTIL ${escapeLiteral(expiresAt.toISOString())};
      ALTER ROLE ${role} SET default_transaction_read_only = on;
      ALTER ROLE ${role} SET statement_timeout = '5min';
      ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '1min';
      GRANT CONNECT ON DATABASE ${escapeIdentifier(cell.address.database)} TO ${role};
      GRANT USAGE ON SCHEMA extensions TO ${role};
      ${schemas.map((schema) => grantSchema(schema, role)).join('\n')}
      RESET ROLE`);
    const { rows } = await client.query<{ schema: string; relations: number }>(
      `SELECT n.nspname AS schema, count(c.oid)::int AS relations
         FROM pg_namespace n LEFT JOIN pg_class c
           ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege($1, c.oid, 'SELECT')
        WHERE n.nspname = ANY ($2) AND has_schema_privilege($1, n.oid, 'USAGE')
        GROUP BY n.nspname`,
      [login, schemas],
    );
    if (rows.length !== schemas.length) {
      throw new TenantryError('INTERNAL', 'A schema could not be opened to the reader; nothing was kept.');
    }
    await beforeCommit();
    await client.query('COMMIT');
    return new Map(rows.map(({ schema, relations }) => [schema, relations]));
  });
}

/** Ends the connections of a reader and drops its login. Leaves nothing; safe to run again. */
export async function dropReaderRole(cell: Cell, login: string): Promise<void> {
  const role = escapeIdentifier(login);
  await cell.withConnection(async (client) => {
    // To the end of the connection's use: whoever drops it at the same moment finds it gone.
    await takeAdvisoryLock(client, lockOf(login));
    if (!(await beginWithRole(client, login))) {
      await client.query('ROLLBACK');
      return;
    }
    // First and by itself: who is refused from now on cannot connect while the others are ended.
    await client.query(`ALTER ROLE ${role} NOLOGIN; COMMIT`);
    await endConnections(client, login);
    await beginWithRole(client, login);
    for (const schema of await schemasOf(client, login)) await client.query(revokeSchema(schema, role));
    // As the reader itself, for a large object, which everybody may make. What is left after that keeps the role from
    // being dropped: a REVOKE that did nothing does not stay unnoticed.
    await client.query(`
      RESET ROLE;
      REVOKE ALL ON DATABASE ${escapeIdentifier(cell.address.database)} FROM ${role};
      REVOKE ALL ON SCHEMA extensions FROM ${role};
      SET LOCAL ROLE ${role};
      DROP OWNED BY ${role};
      RESET ROLE;
      DROP ROLE ${role};
      COMMIT`);
  });
}

/** Takes one tenant from a reader and ends its connections, which may hold a lock on a table of it. Safe to run again. */
export async function takeSchema(cell: Cell, login: string, schema: string): Promise<void> {
  await cell.withConnection(async (client) => {
    await takeAdvisoryLock(client, lockOf(login));
    if (!(await beginWithRole(client, login))) {
      await client.query('ROLLBACK');
      return;
    }
    const held = (await schemasOf(client, login)).includes(schema);
    await client.query(`${held ? revokeSchema(schema, escapeIdentifier(login)) : ''} RESET ROLE; COMMIT`);
    await endConnections(client, login);
  });
}

/**
 * Begins a transaction in which nobody else makes or drops the reader, and says whether it stands. One after the other, for
 * all readers of a cell and its preparation: they change the same row of the database's privileges.
 */
async function beginWithRole(client: pg.ClientBase, login: string): Promise<boolean> {
  await client.query(`BEGIN; ${lock(login)}`);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
  return rowCount === 1;
}

/** The reader's own lock comes first, and is held to the end by whoever makes it: a drop waits until it is decided. */
function lock(login: string): string {
  return `SET LOCAL createrole_self_grant = 'set';
      ${takeAdvisorySql({ ...lockOf(login), until: 'transaction' })};
      ${takeAdvisorySql(preparation)}`;
}

function lockOf(login: string): AdvisoryLock {
  return { name: `tenantry.reader:${login}` };
}

function grantSchema(schema: string, role: string): string {
  const name = escapeIdentifier(tenantId(schema));
  return `SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenantId(schema)))};
      GRANT USAGE ON SCHEMA ${name} TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA ${name} TO ${role};`;
}

function revokeSchema(schema: string, role: string): string {
  const name = escapeIdentifier(tenantId(schema));
  return `SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenantId(schema)))};
      REVOKE ALL ON ALL TABLES IN SCHEMA ${name} FROM ${role};
      REVOKE ALL ON SCHEMA ${name} FROM ${role};`;
}

/** The tenants' schemas in which the reader holds something, as PostgreSQL knows it. */
async function schemasOf(client: pg.ClientBase, login: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT DISTINCT n.nspname AS schema
       FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
       LEFT JOIN pg_class c ON s.classid = 'pg_class'::regclass AND c.oid = s.objid
       JOIN pg_namespace n ON n.oid = CASE s.classid WHEN 'pg_namespace'::regclass THEN s.objid ELSE c.relnamespace END
      WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'a' AND r.rolname = $1
        AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND n.nspname ~ '^t_[a-z2-7]{12}$'`,
    [login],
  );
  return rows.map(({ schema }) => schema);
}

/** As the reader, which is the least that may end it; with two looks, since a login that was just accepted shows up late. */
async function endConnections(client: pg.ClientBase, login: string): Promise<void> {
  const deadline = Date.now() + endWithinMs;
  for (let quiet = 0; quiet < 2;) {
    await client.query(`SET ROLE ${escapeIdentifier(login)}`);
    const { rowCount } = await client.query(
      'SELECT pg_terminate_backend(pid, 500) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
      [login],
    );
    await client.query('RESET ROLE');
    quiet = rowCount === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      throw new TenantryError(
        'INTERNAL',
        'Connections of the reader did not end in time. Try again; no new one is let in.',
      );
    }
    if (quiet < 2) await client.query('SELECT pg_sleep($1)', [lookAgainMs / 1000]);
  }
}

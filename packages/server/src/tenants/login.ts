import pg from 'pg';
import { ownerOf, scramVerifier, tenantId, type TenantId } from '@tenantry/tenancy';
import type { Cell } from '../db/cells/registry.ts';
import { sqlStateOf } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { endLeases } from './leases.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** How long a tenant's connections may take to end before that is reported as a failure. */
const terminateWithinMs = 5_000;
const lookAgainMs = 20;
/** How long a change of a tenant's role waits for the row of it, and how often it is tried. */
const rowWithinMs = 2_000;
const mostAttempts = 5;

/**
 * Shuts a tenant out, also on connections that are open: the login is closed, the schema is taken from it, its backends
 * are ended. Safe to run again.
 *
 * In this order, and not in one transaction: a login that is refused from now on cannot add backends while they are ended.
 */
export async function closeLogin(cell: Cell, tenant: string): Promise<void> {
  const id = tenantId(tenant);
  await cell.withConnection(async (client) => {
    await alterRole(
      client,
      id,
      `ALTER ROLE ${escapeIdentifier(id)} NOLOGIN;
       SET LOCAL ROLE ${escapeIdentifier(ownerOf(id))};
       REVOKE USAGE ON SCHEMA ${escapeIdentifier(id)} FROM ${escapeIdentifier(id)}`,
    );
    await expectClosed(client, id);
    await endBackends(client, id);
  });
}

/** Lets a tenant in again. Safe to run again. */
export async function openLogin(cell: Cell, tenant: string): Promise<void> {
  const id = tenantId(tenant);
  await cell.withConnection((client) =>
    alterRole(
      client,
      id,
      `ALTER ROLE ${escapeIdentifier(id)} LOGIN;
       SET LOCAL ROLE ${escapeIdentifier(ownerOf(id))};
       GRANT USAGE ON SCHEMA ${escapeIdentifier(id)} TO ${escapeIdentifier(id)}`,
    ),
  );
}

/**
 * Runs `change`, which alters the role of a tenant, in a transaction of its own. A tenant can hold the row of its role for as long as it
 * likes, since every login may alter its own password: the sessions that do are ended first, as themselves.
 *
 * In one message, so that the change already waits for the row while they are ending. PostgreSQL gives a row to who has waited for it
 * the longest, and a tenant that connects again is behind.
 */
async function alterRole(client: pg.ClientBase, tenant: TenantId, change: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(
        `BEGIN; SET LOCAL lock_timeout = ${rowWithinMs}; ${endRoleHolders(tenant)}; ${change}; COMMIT`,
      );
      return;
    } catch (error) {
      await client.query('ROLLBACK');
      if (!isRowTaken(error)) throw error;
      if (attempt === mostAttempts) throw await stillHeld(client, error);
    }
  }
}

/** The second is what a change says that has waited for another one, which was then committed. */
function isRowTaken(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '55P03' || (state === 'XX000' && /tuple concurrently updated/.test(String(error)));
}

/** Slots besides the tenant: on one of them it is leased. None of the two has anything to change in roles for longer than a moment. */
function endRoleHolders(tenant: TenantId): string {
  return `
    DO $end$
    DECLARE holder record;
    BEGIN
      FOR holder IN ${roleHolders}
                      AND (a.usename = ${escapeLiteral(tenant)} OR a.usename ~ '^tenantry_slot_[0-9]+$') LOOP
        EXECUTE format('SET LOCAL ROLE %I', holder.login);
        PERFORM pg_terminate_backend(holder.pid);
        RESET ROLE;
      END LOOP;
    END $end$`;
}

/** Whoever alters a role has this lock of the table of roles until the end of its transaction. */
const roleHolders = `
  SELECT DISTINCT a.pid, a.usename::text AS login FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.relation = 'pg_authid'::regclass AND l.mode = 'RowExclusiveLock' AND a.pid <> pg_backend_pid()`;

async function stillHeld(client: pg.ClientBase, cause: unknown): Promise<TenantryError> {
  const { rows } = await client.query<{ pid: number; login: string }>(roleHolders);
  const holders = rows.map(({ pid, login }) => `${login} (pid ${pid})`).join(', ');
  return new TenantryError(
    'INTERNAL',
    `The tenant's login could not be changed in time. Roles are being changed by: ${holders || 'nobody any more'}. Try again.`,
    {},
    cause,
  );
}

/** What PostgreSQL holds of a tenant's login. */
export interface LoginFacts {
  /** It may log in. */
  readonly login: boolean;
  /** It may use its schema. */
  readonly usage: boolean;
  /** A slot holds it. */
  readonly leased: boolean;
  /** It has the functions that lease it, as they were made. */
  readonly lessor: boolean;
  /** The version of the secret it was last given, or null when it still has its first. */
  readonly secret: number | null;
}

/** The logins of a cell by schema, or that of one schema. */
export async function readLogins(cell: Cell, schema?: string): Promise<ReadonlyMap<string, LoginFacts>> {
  const rows = await cell.withConnection(async (client) => {
    const found = await client.query<LoginFacts & { readonly schema: string }>(
      `SELECT n.nspname AS schema, r.rolcanlogin AS login, has_schema_privilege(r.oid, n.oid, 'USAGE') AS usage,
              ${leased} AS leased, ${lessor} AS lessor,
              substring(shobj_description(r.oid, 'pg_authid') from '^tenantry secret ([0-9]{1,9})$')::int AS secret
         FROM pg_roles r JOIN pg_namespace n ON n.nspname = r.rolname
        WHERE r.rolname ~ '^t_[a-z2-7]{12}$' AND ($1::text IS NULL OR r.rolname = $1)`,
      [schema ?? null],
    );
    return found.rows;
  });
  return new Map(rows.map(({ schema: name, ...facts }) => [name, facts]));
}

const leased = `EXISTS (
  SELECT FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles o ON o.oid = m.grantor
   WHERE m.roleid = r.oid AND o.rolname = r.rolname || '_owner' AND s.rolname ~ '^tenantry_slot_[0-9]+$')`;

/**
 * An owner may alter or drop what it owns, also where it may not create: one that was is made again. And so is one that an
 * earlier version made, in plpgsql.
 */
const lessor = `(
  SELECT count(*) FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner
   WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'tenantry_lease')
     AND p.proname IN ('grant_' || r.rolname, 'revoke_' || r.rolname)
     AND o.rolname = r.rolname || '_owner' AND p.prosecdef
     AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
     AND p.proconfig = ARRAY['search_path=pg_catalog, pg_temp']
     AND has_function_privilege((SELECT oid FROM pg_roles WHERE rolname = 'tenantry_broker'), p.oid, 'EXECUTE')
     AND NOT has_function_privilege(r.oid, p.oid, 'EXECUTE')
     AND EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND m.member = o.oid AND m.admin_option)) = 2`;

/**
 * Gives a tenant's login another secret and ends the connections that were made with the old one. The version is noted
 * on the role in the same transaction, since nobody may look at the secret itself: see {@link readLogins}.
 */
export async function changePassword(
  cell: Cell,
  tenant: string,
  password: string,
  version: number,
): Promise<void> {
  const id = tenantId(tenant);
  const verifier = await scramVerifier(password);
  await cell.withConnection(async (client) => {
    await alterRole(
      client,
      id,
      `ALTER ROLE ${escapeIdentifier(id)} PASSWORD ${escapeLiteral(verifier)};
       COMMENT ON ROLE ${escapeIdentifier(id)} IS ${escapeLiteral(`tenantry secret ${version}`)}`,
    );
    await endBackends(client, id);
  });
}

/**
 * Ends every backend of a tenant, leased ones first, as the tenant: ending one needs the privileges of its role, and being
 * nobody else for the moment is the least that gives them. A login that was accepted just before, or a lease that was being
 * made, may show up late, hence two looks.
 */
export async function endBackends(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  const deadline = Date.now() + terminateWithinMs;
  for (let look = 0, quiet = 0; quiet < 2; look += 1) {
    const ended = (await endLeases(client, tenant, look === 0)) + (await endSealed(client, tenant));
    quiet = ended === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      throw new TenantryError(
        'INTERNAL',
        'Connections of the tenant did not end in time. Try again; no new one is let in.',
      );
    }
    if (quiet < 2) await client.query('SELECT pg_sleep($1)', [lookAgainMs / 1000]);
  }
}

async function endSealed(client: pg.ClientBase, tenant: TenantId): Promise<number> {
  await client.query(`SET ROLE ${escapeIdentifier(tenant)}`);
  try {
    const { rowCount } = await client.query(
      'SELECT pg_terminate_backend(pid, 500) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
      [tenant],
    );
    return rowCount ?? 0;
  } finally {
    await client.query('RESET ROLE');
  }
}

/** A REVOKE that one may not do only warns and reports success, so the result is read back. */
async function expectClosed(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT r.rolcanlogin OR has_schema_privilege(r.oid, n.oid, 'USAGE') AS open
       FROM pg_roles r, pg_namespace n WHERE r.rolname = $1 AND n.nspname = $1`,
    [tenant],
  );
  if (rows[0]?.open !== false) {
    throw new TenantryError(
      'INTERNAL',
      "The tenant's login could not be closed; nothing was changed. See the server log.",
    );
  }
}

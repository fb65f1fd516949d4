import pg from 'pg';
import { ownerOf, scramVerifier, tenantId, type TenantId } from '@tenantry/tenancy';
import type { Cell } from '../db/cells/registry.ts';
import { TenantryError } from '../errors.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** How long a tenant's connections may take to end before that is reported as a failure. */
const terminateWithinMs = 5_000;
const lookAgainMs = 20;

/**
 * Shuts a tenant out, also on connections that are open: the login is closed, the schema is taken from it, its backends
 * are ended. Safe to run again.
 *
 * In this order, and not in one transaction: a login that is refused from now on cannot add backends while they are ended.
 */
export async function closeLogin(cell: Cell, tenant: string): Promise<void> {
  const id = tenantId(tenant);
  await cell.withConnection(async (client) => {
    await client.query(`
      BEGIN;
      ALTER ROLE ${escapeIdentifier(id)} NOLOGIN;
      SET LOCAL ROLE ${escapeIdentifier(ownerOf(id))};
      REVOKE USAGE ON SCHEMA ${escapeIdentifier(id)} FROM ${escapeIdentifier(id)};
      COMMIT`);
    await expectClosed(client, id);
    await endBackends(client, id);
  });
}

/** Lets a tenant in again. Safe to run again. */
export async function openLogin(cell: Cell, tenant: string): Promise<void> {
  const id = tenantId(tenant);
  await cell.withConnection((client) =>
    client.query(`
      BEGIN;
      ALTER ROLE ${escapeIdentifier(id)} LOGIN;
      SET LOCAL ROLE ${escapeIdentifier(ownerOf(id))};
      GRANT USAGE ON SCHEMA ${escapeIdentifier(id)} TO ${escapeIdentifier(id)};
      COMMIT`),
  );
}

/** What PostgreSQL holds of a tenant's login. */
export interface LoginFacts {
  /** It may log in. */
  readonly login: boolean;
  /** It may use its schema. */
  readonly usage: boolean;
  /** The version of the secret it was last given, or null when it still has its first. */
  readonly secret: number | null;
}

/** The logins of a cell by schema, or that of one schema. */
export async function readLogins(cell: Cell, schema?: string): Promise<ReadonlyMap<string, LoginFacts>> {
  const rows = await cell.withConnection(async (client) => {
    const found = await client.query<LoginFacts & { readonly schema: string }>(
      `SELECT n.nspname AS schema, r.rolcanlogin AS login, has_schema_privilege(r.oid, n.oid, 'USAGE') AS usage,
              substring(shobj_description(r.oid, 'pg_authid') from '^tenantry secret ([0-9]{1,9})$')::int AS secret
         FROM pg_roles r JOIN pg_namespace n ON n.nspname = r.rolname
        WHERE r.rolname ~ '^t_[a-z2-7]{12}$' AND ($1::text IS NULL OR r.rolname = $1)`,
      [schema ?? null],
    );
    return found.rows;
  });
  return new Map(rows.map(({ schema: name, login, usage, secret }) => [name, { login, usage, secret }]));
}

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
    await client.query(`
      ALTER ROLE ${escapeIdentifier(id)} PASSWORD ${escapeLiteral(verifier)};
      COMMENT ON ROLE ${escapeIdentifier(id)} IS ${escapeLiteral(`tenantry secret ${version}`)}`);
    await endBackends(client, id);
  });
}

/**
 * Ends every backend of a tenant, as the tenant: ending one needs the privileges of its role, and being nobody else for
 * the moment is the least that gives them. A login that was accepted just before may show up late, hence two looks.
 */
export async function endBackends(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  await client.query(`SET ROLE ${escapeIdentifier(tenant)}`);
  try {
    const deadline = Date.now() + terminateWithinMs;
    for (let quiet = 0; quiet < 2;) {
      const { rowCount } = await client.query(
        'SELECT pg_terminate_backend(pid, 500) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
        [tenant],
      );
      quiet = rowCount === 0 ? quiet + 1 : 0;
      if (Date.now() > deadline) {
        throw new TenantryError(
          'INTERNAL',
          'Connections of the tenant did not end in time. Try again; no new one is let in.',
        );
      }
      if (quiet < 2) await client.query('SELECT pg_sleep($1)', [lookAgainMs / 1000]);
    }
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

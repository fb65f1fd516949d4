import pg from 'pg';
import { ownerOf, tenantId, type TenantId } from '@tenantry/tenancy';
import type { Cell } from '../../db/cells/registry.ts';
import { endBackends } from '../login.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** What stands of a tenant on its cell. */
export interface Standing {
  readonly schema: boolean;
  readonly role: boolean;
}

/**
 * Begins a transaction in which nobody else makes or removes this tenant's schema, and says what stands of it. One
 * message; each of its statements has a snapshot of its own, so the answer is from after the wait for the lock. From
 * tables, since to_regrole() answers from a cache that such a wait does not renew.
 */
export async function beginAlone(client: pg.ClientBase, tenant: TenantId): Promise<Standing> {
  const name = escapeLiteral(tenant);
  const results = (await client.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('tenantry.tenant:' || ${name}, 0));
    SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ${name}) AS schema,
           EXISTS (SELECT FROM pg_roles WHERE rolname = ${name}) AS role`)) as unknown;
  // A text of several statements makes pg answer with one result for each; its types say a single one.
  return (results as readonly pg.QueryResult<Standing>[]).at(-1)!.rows[0]!;
}

/** True when no migration in the history of a schema that stands is unfinished. */
export async function isComplete(client: pg.ClientBase, tenant: TenantId): Promise<boolean> {
  await client.query(`SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenant))}`);
  const { rows } = await client.query<{ complete: boolean }>(
    `SELECT coalesce(bool_and(success), false) AS complete FROM ${escapeIdentifier(tenant)}.flyway_schema_history`,
  );
  await client.query('RESET ROLE');
  return rows[0]!.complete;
}

/**
 * Removes a tenant from its cell: connections, schema, large objects, roles. Leaves nothing; safe to run again.
 * One tenant a transaction: dropping a schema of 20 tables takes some 350 locks.
 */
export async function dropSchema(cell: Cell, tenant: string): Promise<{ readonly existed: boolean }> {
  const id = tenantId(tenant);
  return cell.withConnection(async (client) => {
    if (!(await rolesExist(client, id))) return { existed: false };
    await client.query(`ALTER ROLE ${escapeIdentifier(id)} NOLOGIN`);
    await endBackends(client, id);
    const { role } = await beginAlone(client, id);
    if (role) await dropInTransaction(client, id);
    await client.query('COMMIT');
    return { existed: true };
  });
}

/** The same inside a transaction of the caller, for a tenant whose roles stand and whom nobody is connected as. */
export async function dropInTransaction(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(ownerOf(tenant));
  // DROP OWNED as each role itself: the control role holds SET on them and nothing more. It takes the schema, what is in
  // it, the default privileges and, unlike DROP SCHEMA, the large objects that either role made.
  await client.query(`
    SET LOCAL ROLE ${owner};
    DROP OWNED BY ${owner} CASCADE;
    SET LOCAL ROLE ${role};
    DROP OWNED BY ${role} CASCADE;
    RESET ROLE;
    DROP ROLE ${role};
    DROP ROLE ${owner}`);
}

async function rolesExist(client: pg.ClientBase, tenant: TenantId): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [tenant]);
  return rowCount !== 0;
}

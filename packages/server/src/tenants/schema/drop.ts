import pg from 'pg';
import { ownerOf, tenantId, type TenantId } from '@tenantry/tenancy';
import type { Cell } from '../../db/cells/registry.ts';
import { endBackends } from '../login.ts';

const { escapeIdentifier } = pg;

/** Orders everything that makes or removes one tenant's schema on a cell, until the transaction ends. */
export async function lockSchema(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tenantry.tenant:' || $1, 0))`, [tenant]);
}

/** True when the schema stands and no migration in its history is unfinished. */
export async function schemaIsComplete(client: pg.ClientBase, tenant: TenantId): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [tenant]);
  if (rowCount === 0) return false;
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
    await client.query('BEGIN');
    await lockSchema(client, id);
    await dropInTransaction(client, id);
    await client.query('COMMIT');
    return { existed: true };
  });
}

/** The same inside a transaction of the caller, for a schema that nobody is connected to. */
export async function dropInTransaction(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  if (!(await rolesExist(client, tenant))) return;
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

import pg from 'pg';
import { deriveCredential } from '../credential.ts';
import { sqlStateOf } from '../errors.ts';
import { tenantLeaseSql } from '../lease-sql.ts';
import { scramVerifier } from '../scram.ts';
import { newTenantId, ownerOf, type TenantId } from '../tenant-id.ts';
import { inControl, type Cell } from './cell/cell.ts';
import { closeTenantSql, dropTenantSql, endTenantSql, tenantSql } from './cell/layout.ts';
import { TestingError } from './errors.ts';
import type { MakeSchema } from './options.ts';

const { escapeIdentifier } = pg;

/** Makes a tenant with its tables. Rejects with TESTING_SCHEMA; nothing is left then. */
export async function buildTenant(cell: Cell, schema: MakeSchema): Promise<TenantId> {
  const tenant = newTenantId();
  const verifier = await scramVerifier(deriveCredential(cell.credentialKey, tenant, 1));
  await inControl(cell, async (client) => {
    await client.query(`BEGIN; ${tenantSql(tenant, verifier)} COMMIT`);
    try {
      await asOwner(client, tenant, () => schema(client, tenant));
      await client.query(`RESET ROLE; BEGIN; ${tenantLeaseSql(tenant)} COMMIT`);
    } catch (error) {
      // It may have left a transaction open.
      await client.query('ROLLBACK; RESET ROLE').catch(() => {});
      await client.query(dropTenantSql(tenant)).catch(() => {});
      throw schemaFailed(error, tenant);
    }
  });
  return tenant;
}

/** Runs a function while a connection of the control role is a tenant's owner. */
export async function asOwner<T>(client: pg.ClientBase, tenant: TenantId, fn: () => Promise<T>): Promise<T> {
  await client.query(
    `SET ROLE ${escapeIdentifier(ownerOf(tenant))}; SET search_path = ${escapeIdentifier(tenant)}, extensions, pg_temp`,
  );
  const result = await fn();
  await client.query('RESET ROLE; RESET search_path');
  return result;
}

/** Shuts a tenant out, also on connections that are open. Harmless when it was already. */
export async function closeTenant(cell: Cell, tenant: TenantId): Promise<void> {
  await inControl(cell, async (client) => {
    const { rows } = await client.query<{ slot: string; pid: number | null }>(
      `SELECT s.rolname::text AS slot, a.pid
         FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
         LEFT JOIN pg_stat_activity a ON a.usesysid = s.oid
        WHERE g.rolname = $1 AND s.rolname ~ '^tenantry_slot_[0-9]+$'`,
      [tenant],
    );
    await client.query(closeTenantSql(tenant));
    // Taking a role away does not end a SET ROLE that was done before.
    for (const { slot, pid } of rows) {
      if (pid === null) continue;
      await client.query(
        `SET ROLE ${escapeIdentifier(slot)}; SELECT pg_terminate_backend(${pid}, 2000); RESET ROLE`,
      );
    }
    await client.query(endTenantSql(tenant));
  });
}

/** Removes a tenant with all that it has. */
export async function dropTenant(cell: Cell, tenant: TenantId): Promise<void> {
  await closeTenant(cell, tenant);
  await inControl(cell, (client) => client.query(dropTenantSql(tenant)));
}

/** What a migration engine says of its file is in its message already. */
function schemaFailed(cause: unknown, tenant: TenantId): TestingError {
  const { sqlState, message } = (cause ?? {}) as { readonly sqlState?: unknown; readonly message?: unknown };
  const state = typeof sqlState === 'string' ? sqlState : sqlStateOf(cause);
  const text = (typeof message === 'string' ? message : String(cause)).replaceAll(tenant, '<schema>');
  return new TestingError(
    'TESTING_SCHEMA',
    `The schema of a test tenant could not be made: ${text}${state === undefined ? '' : ` (SQLSTATE ${state})`}`,
    { cause, sqlState: state },
  );
}

import pg from 'pg';
import { ownerOf, tenantId } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import { sqlStateOf } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { findTenant } from './find.ts';
import type { TenantRecord } from './rows.ts';

const { escapeIdentifier } = pg;

/** A look into a tenant's schema must neither wait for a migration nor hold one up. */
const limits = `SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '500ms'`;

/** As whom a tenant is looked at: nobody special for catalogs; the owner for its history; the login for its own sessions. */
export type Viewer = 'control' | 'owner' | 'login';

/** A tenant that is looked into, on a connection to its cell. */
export interface Inside {
  readonly tenant: TenantRecord;
  /** False before it is built and after it is purged. */
  readonly exists: boolean;
  /** Runs queries in a read-only transaction of their own. */
  readonly as: <T>(viewer: Viewer, read: (client: pg.ClientBase) => Promise<T>) => Promise<T>;
}

/**
 * Looks into a tenant's schema: catalogs, statistics and its migration history, never a row of a table that is the tenant's.
 * Throws TENANT_NOT_FOUND, TENANT_BUSY where a migration holds a lock, DATABASE_UNAVAILABLE.
 */
export async function lookInside<T>(
  ctx: Context,
  ref: string,
  look: (inside: Inside) => Promise<T>,
): Promise<T> {
  const tenant = await findTenant(ctx, ref);
  const cell = await ctx.cells.get(tenant.cell_id);
  try {
    return await cell.withConnection(async (client) => {
      const { rows } = await client.query<{ exists: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_namespace n JOIN pg_roles r ON r.rolname = n.nspname || '_owner'
                         WHERE n.nspname = $1 AND n.nspowner = r.oid) AS exists`,
        [tenant.schema_name],
      );
      return look({
        tenant,
        exists: rows[0]!.exists,
        as: (viewer, read) => readAs(client, roleOf(tenant, viewer), read),
      });
    });
  } catch (error) {
    if (sqlStateOf(error) !== '55P03') throw error;
    throw new TenantryError('TENANT_BUSY', 'A migration of the tenant holds a lock. Try again in a moment.');
  }
}

function roleOf(tenant: TenantRecord, viewer: Viewer): string | undefined {
  if (viewer === 'control') return undefined;
  const id = tenantId(tenant.schema_name);
  return viewer === 'login' ? id : ownerOf(id);
}

async function readAs<T>(
  client: pg.ClientBase,
  role: string | undefined,
  read: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const become = role === undefined ? '' : `; SET LOCAL ROLE ${escapeIdentifier(role)}`;
  await client.query(`BEGIN READ ONLY; ${limits}${become}`);
  // A failure leaves the connection to be thrown away by whoever lent it.
  const result = await read(client);
  await client.query('ROLLBACK');
  return result;
}

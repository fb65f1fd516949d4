import { randomBytes } from 'node:crypto';
import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { ServerFingerprint } from '@tenantry/isolation';
import type pg from 'pg';
import { ensureDefaultCell } from '../cells/ensure-default.ts';
import { migrateReferences } from '../cells/reference.ts';
import { Cells } from '../db/cells/registry.ts';
import { openControlDatabase } from '../db/database.ts';
import { bootstrap, CONTROL_ROLE, DATABASE, lendAuditRole } from '../db/embedded/bootstrap.ts';
import { installControlSchema } from '../db/install.ts';
import type { TenantContext } from '../tenants/context.ts';
import { replenishSpares } from '../tenants/spares.ts';
import { readRegistry, type Registry } from './registry.ts';
import { fingerprintOfServer } from './server.ts';

/** A cell that nobody needs: to be weakened on purpose. */
export interface ThrowAwayCell {
  readonly database: string;
  readonly superuser: pg.ClientConfig;
  readonly registry: Registry;
  readonly server: ServerFingerprint;
}

/** Tenants in it: two to reach each other, and one who has nothing to do with it. */
const tenants = 3;

/**
 * Makes a PostgreSQL of its own with a cell as this installation makes one (roles, control schema, audit trail, leases, migrations), lets `work` have
 * it, and removes it. It dies with this process, also when that is killed. Nothing in it comes from a tenant.
 */
export async function withThrowAwayCell<T>(
  ctx: TenantContext,
  signal: AbortSignal,
  work: (cell: ThrowAwayCell) => Promise<T>,
): Promise<T> {
  const postgres = await startTestPostgres();
  try {
    const superuserUrl = (database: string) => at(postgres.superuserUrl, { database });
    const password = randomBytes(24).toString('base64url');
    await bootstrap({ url: superuserUrl, controlPassword: password });
    const url = at(superuserUrl(DATABASE), { user: CONTROL_ROLE, password });
    await installControlSchema({
      url,
      withAuditGrant: (install) => lendAuditRole(superuserUrl(DATABASE), install),
    });
    return await withControl(ctx, url, async (own, cellId) => {
      const cell = await own.cells.get(cellId);
      await replenishSpares(own, cell, tenants, signal);
      signal.throwIfAborted();
      return work({
        database: DATABASE,
        superuser: { connectionString: superuserUrl(DATABASE), application_name: 'tenantry isolation' },
        registry: await readRegistry(own.control.db, cellId),
        server: await fingerprintOfServer(cell),
      });
    });
  } finally {
    await postgres.stop();
  }
}

async function withControl<T>(
  ctx: TenantContext,
  url: string,
  work: (own: TenantContext, cellId: string) => Promise<T>,
): Promise<T> {
  const control = openControlDatabase(url, 2);
  const cells = new Cells({
    db: control.db,
    credentialKey: randomBytes(32),
    defaultUrl: url,
    reference: ctx.cells.reference,
    size: 2,
  });
  const migrations = ctx.migrations.forAnother();
  const own: TenantContext = { ...ctx, control, cells, migrations, onlyTenant: null };
  try {
    const { allowed_extensions: allowedExtensions } = await ctx.control.db
      .selectFrom('cells')
      .select('allowed_extensions')
      .where('is_default', '=', true)
      .executeTakeFirstOrThrow();
    const cellId = await ensureDefaultCell(own, { kind: 'embedded', url, allowedExtensions });
    await migrateReferences(own);
    return await work(own, cellId);
  } finally {
    await cells.close();
    await control.close();
  }
}

function at(
  url: string,
  {
    database,
    user,
    password,
  }: { readonly database?: string; readonly user?: string; readonly password?: string },
): string {
  const other = new URL(url);
  if (database !== undefined) other.pathname = `/${database}`;
  if (user !== undefined) other.username = user;
  if (password !== undefined) other.password = password;
  return other.href;
}

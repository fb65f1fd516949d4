import { sql } from 'kysely';
import { tenantStates, type Overview, type Permission, type TenantState } from '@tenantry/contract';
import { listAudit } from '../audit/list.ts';
import { getIsolation } from '../isolation/summary.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { readCellHealth } from './cells.ts';
import { readOperations } from './operations.ts';

const shownEvents = 10;

/** "Is anything wrong?" in one answer; a part that the caller may not see is null. */
export async function getOverview(
  ctx: IsolationContext,
  permissions: readonly Permission[],
): Promise<Overview> {
  const where = <T>(permission: Permission, read: () => Promise<T>): Promise<T | null> =>
    permissions.includes(permission) ? read() : Promise.resolve(null);
  const [tenants, schemaVersions, operations, isolation, cells, audit, openReaders] = await Promise.all([
    readTenants(ctx),
    readSchemaVersions(ctx),
    where('operations:read', () => readOperations(ctx)),
    where('isolation:read', () => readIsolation(ctx)),
    where('cells:read', () => readCellHealth(ctx)),
    where('audit:read', async () => (await listAudit(ctx, { limit: shownEvents })).items),
    where('readers:read', () => countOpenReaders(ctx)),
  ]);
  return {
    asOf: ctx.clock().toISOString(),
    tenants,
    schemaVersions,
    operations,
    isolation,
    cells,
    audit,
    openReaders,
  };
}

function visible(ctx: IsolationContext) {
  const query = ctx.control.db.selectFrom('tenants').where('state', '<>', 'deleted');
  return ctx.onlyTenant === null ? query : query.where('id', '=', ctx.onlyTenant);
}

async function readTenants(ctx: IsolationContext): Promise<Overview['tenants']> {
  const rows = await visible(ctx)
    .select((eb) => ['state', eb.fn.countAll<string>().as('tenants')])
    .groupBy('state')
    .execute();
  const counts = new Map<TenantState, number>(rows.map((row) => [row.state, Number(row.tenants)]));
  return {
    total: [...counts.values()].reduce((sum, count) => sum + count, 0),
    byState: tenantStates.flatMap((state) => {
      const tenants = counts.get(state);
      return tenants === undefined ? [] : [{ state, tenants }];
    }),
  };
}

async function readSchemaVersions(ctx: IsolationContext): Promise<Overview['schemaVersions']> {
  // A directory that cannot be read now is told of elsewhere; no tenant is then known to be current.
  const current = await ctx.migrations.current().then(
    ({ id }) => id,
    () => null,
  );
  const isCurrent = sql<boolean>`coalesce(migration_set = ${current}, false)`;
  const rows = await visible(ctx)
    .where('state', 'not in', ['provisioning', 'failed'])
    .select((eb) => [
      'schema_version as version',
      isCurrent.as('current'),
      eb.fn.countAll<string>().as('tenants'),
    ])
    // By position: each parameter of the same value is another one to PostgreSQL.
    .groupBy(sql`1, 2`)
    .orderBy('tenants', 'desc')
    .limit(50)
    .execute();
  return rows.map(({ version, current: is, tenants }) => ({
    version,
    current: is,
    tenants: Number(tenants),
  }));
}

async function readIsolation(ctx: IsolationContext): Promise<NonNullable<Overview['isolation']>> {
  const { verdict, since, findings } = await getIsolation(ctx);
  const openFindings = Object.values(findings.open).reduce((sum, count) => sum + count, 0);
  return { verdict, since, openFindings };
}

async function countOpenReaders(ctx: IsolationContext): Promise<number> {
  const row = await ctx.control.db
    .selectFrom('readers')
    .select((eb) => eb.fn.countAll<string>().as('open'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  return Number(row.open);
}

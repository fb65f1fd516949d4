import type { MigrationList } from '@tenantry/contract';
import type { TenantContext } from './context.ts';

/** The migrations that the next tenant will be built from, in the order they run. Throws the codes of loading them. */
export async function listMigrations(ctx: TenantContext): Promise<MigrationList> {
  const { id, set } = await ctx.migrations.current();
  const counts = await ctx.control.db
    .selectFrom('tenants')
    .select((eb) => [
      eb.fn.countAll<string>().filterWhere('migration_set', '=', id).as('current'),
      eb.fn.countAll<string>().filterWhere('migration_set', '<>', id).as('behind'),
    ])
    .where('state', 'not in', ['deleted', 'provisioning', 'failed'])
    .executeTakeFirstOrThrow();
  return {
    locations: [...set.locations],
    fingerprint: id,
    schemaVersion: set.schemaVersion,
    migrations: set.migrations.map(({ kind, version, description, script, checksum }) => ({
      kind,
      version,
      description,
      script,
      checksum,
    })),
    ignored: set.ignored.map(({ script, reason }) => ({ script, reason })),
    tenants: { current: Number(counts.current), behind: Number(counts.behind) },
  };
}

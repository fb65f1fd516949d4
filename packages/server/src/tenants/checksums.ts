import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import type { CurrentMigrations } from './migration-source.ts';

/**
 * Refuses a versioned migration that was changed after tenants were built from it: a new tenant would silently get another
 * schema than its neighbours, and every later migration would meet two. Throws MIGRATION_CHECKSUM_CHANGED with the file.
 */
export async function refuseChangedMigrations(ctx: Context, { id, set }: CurrentMigrations): Promise<void> {
  const others = await ctx.control.db
    .selectFrom('migration_sets')
    .select('migrations')
    .where('fingerprint', '<>', id)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('tenants')
          .select('tenants.id')
          .whereRef('tenants.migration_set', '=', 'migration_sets.fingerprint')
          .where('tenants.state', '<>', 'deleted'),
      ),
    )
    .execute();
  const now = new Map(
    set.migrations.filter((m) => m.kind === 'versioned').map((m) => [m.script, m.checksum]),
  );
  for (const { migrations } of others) {
    const changed = migrations.find(
      (m) => m.kind === 'versioned' && now.has(m.script) && now.get(m.script) !== m.checksum,
    );
    if (!changed) continue;
    throw new TenantryError(
      'MIGRATION_CHECKSUM_CHANGED',
      `${changed.script} was changed: tenants have it with checksum ${changed.checksum}, the file now has ` +
        `${now.get(changed.script)}. Put the file back as it was and make the change in a new migration.`,
      { file: changed.script },
    );
  }
}

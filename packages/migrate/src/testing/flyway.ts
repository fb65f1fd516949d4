import type { ClientBase } from 'pg';
import { applyToEmptySchema } from '../apply.ts';
import { runDeferred } from '../deferred.ts';
import { loadMigrations, type MigrationSet } from '../load.ts';
import type { ApplyOptions } from '../options.ts';

/** How test tenants' migrations are run; all but the schema of `ApplyOptions`. Extensions that the tests' database has may be named. */
export type FlywayOptions = Omit<ApplyOptions, 'schema' | 'prelude'>;

/** Makes the tables of one tenant, in the schema that is first in the connection's search path. */
export type MakeSchema = (client: ClientBase, schema: string) => Promise<void>;

/**
 * The migrations of one or more directories, as what `startTestTenants` of `@tenantry/tenancy/testing` takes for a schema.
 * The files are read once, when the first tenant is made.
 *
 * ```ts
 * const tenants = await startTestTenants({ schema: flyway('migrations') });
 * ```
 * What it gives rejects with MigrateError, as `loadMigrations` and `applyToEmptySchema` do.
 */
export function flyway(...directories: readonly string[]): MakeSchema {
  return flywayWith({}, ...directories);
}

/**
 * {@link flyway} with options. `{schema}` in a placeholder is the tenant's own.
 *
 * ```ts
 * flywayWith({ placeholders: { appSchema: '{schema}' } }, 'migrations');
 * ```
 */
export function flywayWith(options: FlywayOptions, ...directories: readonly string[]): MakeSchema {
  let loading: Promise<MigrationSet> | undefined;
  return async (client, schema) => {
    loading ??= loadMigrations({ locations: directories });
    const set = await loading;
    const placeholders = Object.fromEntries(
      Object.entries(options.placeholders ?? {}).map(([key, value]) => [
        key,
        value.replaceAll('{schema}', schema),
      ]),
    );
    const allowedExtensions = options.allowedExtensions ?? (await extensionsOf(client));
    const apply = { ...options, placeholders, allowedExtensions, schema };
    await client.query('BEGIN');
    const { deferred } = await applyToEmptySchema(client, set, apply);
    await client.query('COMMIT');
    await runDeferred(client, deferred, apply);
  };
}

/** `CREATE EXTENSION` of what the cell has is a notice, as with the control plane. */
async function extensionsOf(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT e.extname AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = 'extensions'`,
  );
  return rows.map(({ name }) => name);
}

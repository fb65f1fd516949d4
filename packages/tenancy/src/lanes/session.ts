import pg from 'pg';
import type { TenantId } from '../tenant-id.ts';

/** The search path of a tenant: its own schema, the extensions of the cell, and temporary objects last. */
export function searchPathOf(schema: string): string {
  return pathAsTold(pg.escapeIdentifier(schema));
}

/** The same as PostgreSQL tells it, for a schema whose name needs no quotes; for any other it is not what it tells. */
export function pathAsTold(schema: string): string {
  return `${schema}, extensions, pg_temp`;
}

/** Settings that every connection starts with. They override what `ALTER ROLE … SET` may have stored. */
const always = {
  role: 'none',
  default_transaction_read_only: 'off',
  standard_conforming_strings: 'on',
  // A library that there is not ends every login.
  local_preload_libraries: '',
} as const;

/** The `options` start-up parameter: settings as `-c name=value`, with a backslash before what would end a value. */
export function startOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries({ ...always, ...settings })
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\s\\]/g, (char) => `\\${char}`)}`)
    .join(' ');
}

/**
 * A query without a result worth reading that fails where the session is not the tenant's; it goes before a COMMIT.
 * `current_user` and not a variable of ours: what PostgreSQL believes is what counts.
 */
export function assertTenantSql(tenant: TenantId): string {
  return `SELECT CASE WHEN current_user = '${tenant}' THEN 1 ELSE ('not ' || current_user)::int END`;
}

import pg from 'pg';
import { revokeLargeObjectsSql } from '../../large-objects-sql.ts';
import { dropTenantLeaseSql } from '../../lease-sql.ts';
import { ownerOf, type TenantId } from '../../tenant-id.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** The groups of a cell, by what the control plane names them. */
export const groupRoles = ['tenantry_tenants', 'tenantry_owners', 'tenantry_registrar'] as const;

/**
 * The three groups of a cell; run as the control role, in a transaction, where they are not there yet. They are roles of the
 * whole server.
 */
export const groupsSql = `
  SET LOCAL createrole_self_grant = 'set';
  ${groupRoles.map((role) => `CREATE ROLE ${role} NOLOGIN;`).join(' ')}
  GRANT tenantry_tenants, tenantry_owners TO tenantry_registrar WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`;

/** What a database needs to hold tenants, once the groups stand; run as its owner, the control role, in a transaction. */
export function databaseSql(database: string): string {
  const name = escapeIdentifier(database);
  return `
  REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
  GRANT CONNECT ON DATABASE ${name} TO tenantry_tenants;
  GRANT TEMPORARY ON DATABASE ${name} TO tenantry_owners;
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  CREATE SCHEMA extensions;
  REVOKE ALL ON SCHEMA extensions FROM PUBLIC;
  GRANT USAGE ON SCHEMA extensions TO tenantry_tenants, tenantry_owners;
  ALTER DATABASE ${name} SET search_path = "$user", extensions, pg_temp;
  ALTER DATABASE ${name} SET client_connection_check_interval = '2s';`;
}

/** The extensions of a cell; run as the control role. */
export function extensionsSql(names: readonly string[]): string {
  return names
    .map((name) => `CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)} SCHEMA extensions CASCADE;`)
    .join(' ');
}

/**
 * Roles, schema and privileges of a tenant, as the control plane makes them; run as the control role, in a transaction. It
 * ends as the tenant's owner with the schema first in the search path: what is created next is the tenant's.
 */
export function tenantSql(tenant: TenantId, verifier: string): string {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(ownerOf(tenant));
  return `
    SET LOCAL createrole_self_grant = 'set';
    CREATE ROLE ${owner} NOLOGIN NOINHERIT;
    CREATE ROLE ${role} LOGIN PASSWORD ${escapeLiteral(verifier)} CONNECTION LIMIT 50 ADMIN ${owner};
    CREATE SCHEMA ${role} AUTHORIZATION ${owner};
    SET LOCAL ROLE tenantry_registrar;
    GRANT tenantry_tenants TO ${role} WITH INHERIT TRUE, SET FALSE;
    GRANT tenantry_owners TO ${owner} WITH INHERIT TRUE, SET FALSE;
    SET LOCAL ROLE ${owner};
    GRANT USAGE ON SCHEMA ${role} TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO ${role};
    SET LOCAL search_path = ${role}, extensions, pg_temp;`;
}

/** Shuts a tenant out of the database; run as the control role, outside a transaction, before its backends are ended. */
export function closeTenantSql(tenant: TenantId): string {
  const role = escapeIdentifier(tenant);
  return `
    BEGIN;
    ALTER ROLE ${role} NOLOGIN;
    SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenant))};
    REVOKE USAGE ON SCHEMA ${role} FROM ${role};
    RESET ROLE;
    ${dropTenantLeaseSql(tenant)}
    COMMIT`;
}

/** Ends a tenant's own connections, those that came through a slot aside; run as the control role, after {@link closeTenantSql}. */
export function endTenantSql(tenant: TenantId): string {
  return `
    SET ROLE ${escapeIdentifier(tenant)};
    SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = ${escapeLiteral(tenant)} AND pid <> pg_backend_pid();
    RESET ROLE`;
}

/** Removes a tenant that was closed, with all that its two roles own; run as the control role, outside a transaction. */
export function dropTenantSql(tenant: TenantId): string {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(ownerOf(tenant));
  return `
    BEGIN;
    SET LOCAL ROLE ${owner};
    DROP OWNED BY ${owner} CASCADE;
    SET LOCAL ROLE ${role};
    DROP OWNED BY ${role} CASCADE;
    RESET ROLE;
    ${revokeLargeObjectsSql([tenant, ownerOf(tenant)])};
    DROP ROLE ${role};
    DROP ROLE ${owner};
    COMMIT`;
}

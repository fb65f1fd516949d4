import type pg from 'pg';
import { TenantryError } from '../../errors.ts';
import { takeAdvisoryLock } from '../advisory-lock.ts';
import { createRole, preparation } from './prepare.ts';

/** The schema of tables that all tenants of a cell read, and the role that owns it and everything in it. */
export const referenceSchema = 'reference';
export const referenceOwner = 'tenantry_reference';

/**
 * Makes the schema and its owner; safe to run again and by several processes at once. The group of tenants gets USAGE, and
 * by default privileges SELECT on what a later migration makes; functions and types are nobody's but the owner's. Outside a
 * transaction. Throws CELL_UNFIT when the schema belongs to somebody else.
 */
export async function prepareReference(client: pg.ClientBase): Promise<void> {
  await client.query('BEGIN');
  await takeAdvisoryLock(client, preparation);
  await createRole(client, referenceOwner);
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1',
    [referenceSchema],
  );
  const owner = rows[0]?.owner;
  if (owner !== undefined && owner !== referenceOwner) {
    await client.query('ROLLBACK');
    throw new TenantryError(
      'CELL_UNFIT',
      `The schema ${referenceSchema} belongs to ${owner}. Rename it, or take TENANTRY_REFERENCE_MIGRATIONS away.`,
    );
  }
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS ${referenceSchema} AUTHORIZATION ${referenceOwner};
    GRANT USAGE ON SCHEMA extensions TO ${referenceOwner};
    SET LOCAL ROLE ${referenceOwner};
    REVOKE ALL ON SCHEMA ${referenceSchema} FROM PUBLIC, tenantry_tenants;
    GRANT USAGE ON SCHEMA ${referenceSchema} TO tenantry_tenants;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO tenantry_tenants;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    COMMIT`);
}

/** What anybody holds in the schema that the design does not give, or lacks that it does: `relation country: INSERT for …`. */
export async function referenceStrays(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ stray: string }>(
    `WITH own AS (SELECT n.oid, n.nspowner FROM pg_namespace n WHERE n.nspname = $1),
     tenants AS (SELECT oid FROM pg_roles WHERE rolname = 'tenantry_tenants'),
     held AS (
       SELECT 'schema ' || n.nspname AS what, 'n' AS kind, n.nspacl AS acl
         FROM pg_namespace n JOIN own ON own.oid = n.oid
       UNION ALL
       SELECT 'relation ' || c.relname, CASE WHEN c.relkind = 'S' THEN 'S' WHEN c.relname = 'flyway_schema_history' THEN 'h' ELSE 'r' END, c.relacl
         FROM pg_class c JOIN own ON own.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
       UNION ALL
       SELECT 'column ' || c.relname || '.' || a.attname, 'c', a.attacl
         FROM pg_class c JOIN own ON own.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE a.attacl IS NOT NULL
       UNION ALL
       SELECT 'function ' || p.proname, 'f', coalesce(p.proacl, acldefault('f', p.proowner))
         FROM pg_proc p JOIN own ON own.oid = p.pronamespace
     ),
     found AS (
       SELECT what, kind, e.privilege_type AS privilege, e.grantee, e.is_grantable
         FROM held, own, LATERAL aclexplode(held.acl) e WHERE e.grantee <> own.nspowner
     )
     SELECT what || ': ' || privilege || ' for ' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END AS stray
       FROM found
      WHERE is_grantable OR grantee NOT IN (SELECT oid FROM tenants)
         OR (kind, privilege) NOT IN (('n', 'USAGE'), ('r', 'SELECT'))
     UNION ALL
     SELECT what || ': no ' || CASE kind WHEN 'n' THEN 'USAGE' ELSE 'SELECT' END || ' for tenantry_tenants'
       FROM held
      WHERE kind IN ('n', 'r') AND NOT EXISTS (
        SELECT FROM found f JOIN tenants t ON t.oid = f.grantee
         WHERE f.what = held.what AND f.privilege = CASE held.kind WHEN 'n' THEN 'USAGE' ELSE 'SELECT' END)
     ORDER BY 1`,
    [referenceSchema],
  );
  return rows.map(({ stray }) => stray);
}

/**
 * Takes from tenants and from PUBLIC whatever a migration has given them beyond SELECT; its own history is nobody's
 * business. In one transaction, so that nobody is refused in between. Outside a transaction, as the owner.
 */
export const settleReferenceSql = `
  BEGIN;
  REVOKE ALL ON SCHEMA ${referenceSchema} FROM PUBLIC, tenantry_tenants;
  GRANT USAGE ON SCHEMA ${referenceSchema} TO tenantry_tenants;
  REVOKE ALL ON ALL TABLES IN SCHEMA ${referenceSchema} FROM PUBLIC, tenantry_tenants;
  GRANT SELECT ON ALL TABLES IN SCHEMA ${referenceSchema} TO tenantry_tenants;
  REVOKE ALL ON ${referenceSchema}.flyway_schema_history FROM tenantry_tenants;
  REVOKE ALL ON ALL SEQUENCES IN SCHEMA ${referenceSchema} FROM PUBLIC, tenantry_tenants;
  REVOKE ALL ON ALL ROUTINES IN SCHEMA ${referenceSchema} FROM PUBLIC, tenantry_tenants;
  COMMIT`;

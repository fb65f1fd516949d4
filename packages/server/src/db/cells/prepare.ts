import pg from 'pg';
import { takeAdvisoryLock, type AdvisoryLock } from '../advisory-lock.ts';
import { prepareLeases, type LeasePlan } from './leases.ts';

const { escapeIdentifier } = pg;

/** Extensions that run SQL text, or leave the database: a tenant that may call them is not contained. */
export const refusedExtensions: ReadonlySet<string> = new Set([
  'dblink',
  'postgres_fdw',
  'file_fdw',
  'xml2',
  'tablefunc',
]);

/** Everybody's view of what is not theirs: the probe of a tenant expects PostgreSQL to refuse it this table. */
export const canaryTable = 'tenantry_canary.canary';

/** Held by whoever changes what all tenants of a database share. */
export const preparation: AdvisoryLock = { name: 'tenantry.prepare', until: 'transaction' };

/**
 * Makes a database fit to host tenants; safe to run again and by several processes at once.
 *
 * Two groups hold what all tenants (CONNECT, USAGE on `extensions`) and all owners (also temporary tables, for migrations)
 * have in common, so that no ACL grows with the number of tenants. A third role administers the two groups and is a
 * member of nothing else: PostgreSQL walks every role of a grantor at every GRANT, and the control role has two per
 * tenant. Broker and slots, which leases need, are made of `leases`. PUBLIC keeps nothing. The search path is set on the
 * database, once, instead of on every role: a role's own schema first.
 */
export async function prepareCell(
  client: pg.ClientBase,
  allowedExtensions: readonly string[],
  leases: LeasePlan,
): Promise<void> {
  const { rows } = await client.query<{ database: string }>('SELECT current_database() AS database');
  const database = escapeIdentifier(rows[0]!.database);
  await client.query('BEGIN');
  try {
    await takeAdvisoryLock(client, preparation);
    for (const role of ['tenantry_tenants', 'tenantry_owners', 'tenantry_registrar'])
      await createRole(client, role);
    await grantGroups(client);
    await client.query(`
      REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${database} TO tenantry_tenants;
      GRANT TEMPORARY ON DATABASE ${database} TO tenantry_owners;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      CREATE SCHEMA IF NOT EXISTS extensions;
      REVOKE ALL ON SCHEMA extensions FROM PUBLIC;
      GRANT USAGE ON SCHEMA extensions TO tenantry_tenants, tenantry_owners;
      CREATE SCHEMA IF NOT EXISTS tenantry_canary;
      REVOKE ALL ON SCHEMA tenantry_canary FROM PUBLIC;
      CREATE TABLE IF NOT EXISTS ${canaryTable} (secret text NOT NULL);
      INSERT INTO ${canaryTable} SELECT gen_random_uuid()::text WHERE NOT EXISTS (SELECT FROM ${canaryTable});
      ALTER DATABASE ${database} SET search_path = "$user", extensions, pg_temp;
      ${endAbandonedStatements}`);
    await prepareLeases(client, leases);
    for (const name of allowedExtensions) {
      await client.query(
        `CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)} SCHEMA extensions CASCADE`,
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/**
 * Only where it is missing: GRANT locks the role that is granted until the end of the transaction, and so does every
 * tenant's provisioning. A start would otherwise wait for the longest migration that is running.
 */
async function grantGroups(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ granted: string }>(`
    SELECT count(DISTINCT g.rolname) AS granted
      FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
     WHERE r.rolname = 'tenantry_registrar' AND g.rolname IN ('tenantry_tenants', 'tenantry_owners')
       AND m.admin_option AND NOT m.inherit_option AND NOT m.set_option`);
  if (rows[0]!.granted === '2') return;
  await client.query(
    'GRANT tenantry_tenants, tenantry_owners TO tenantry_registrar WITH ADMIN TRUE, INHERIT FALSE, SET FALSE',
  );
}

/**
 * A statement whose client has died ends soon, and gives back its locks: by itself PostgreSQL notices when it sends the
 * answer, which for a migration may be in an hour. Servers on systems that cannot look refuse the setting.
 */
const endAbandonedStatements = `
      DO $$
      BEGIN
        EXECUTE format('ALTER DATABASE %I SET client_connection_check_interval = %L', current_database(), '2s');
      EXCEPTION WHEN invalid_parameter_value THEN NULL;
      END $$`;

/** A group: NOLOGIN, which the control role can become. In a transaction, under the lock of the preparation. */
export async function createRole(client: pg.ClientBase, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount !== 0) return;
  await client.query(
    `SET LOCAL createrole_self_grant = 'set'; CREATE ROLE ${escapeIdentifier(name)} NOLOGIN`,
  );
}

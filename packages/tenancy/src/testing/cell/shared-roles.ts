import { createHmac } from 'node:crypto';
import pg from 'pg';
import { deriveCredential } from '../../credential.ts';
import { brokerRole, leaseLogins, leaseVerifiers, slotGroup } from '../../lease-sql.ts';
import { scramVerifier } from '../../scram.ts';
import { connected, inDatabase } from './connect.ts';
import { groupRoles, groupsSql } from './layout.ts';
import { refused } from './server-check.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** The control role of all kits on a server. */
export const controlRole = 'tenantry_testing';
/** What every kit's database begins with; a random part follows. */
export const databasePrefix = 'tenantry_test_';
/** Each can be held by one connection of all kits. */
export const slots = 32;

const sharedRoles = [...groupRoles, slotGroup, ...leaseLogins(slots)];

/**
 * Makes the roles that all kits share, or finds them made by a kit that was given the same login. Never touches roles of the
 * same names that are somebody else's: a control plane's, for instance. Rejects with TESTING_SERVER.
 */
export async function makeSharedRoles(client: pg.ClientBase, credentialKey: Uint8Array): Promise<void> {
  const mark = `tenantry testing ${createHmac('sha256', credentialKey).update('mark').digest('hex').slice(0, 16)}`;
  const { rows } = await client.query<{ role: string; mark: string | null }>(
    `SELECT rolname::text AS role, shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = ANY ($1)`,
    [[controlRole, ...sharedRoles]],
  );
  const found = rows.find(({ role }) => role === controlRole);
  if (found === undefined && rows.length > 0) {
    throw refused(
      `This server has the roles of a Tenantry control plane (${rows[0]!.role}), which test tenants would share. Use a server of its own for tests, ` +
        'or leave out `postgres`.',
    );
  }
  if (found !== undefined) {
    if (found.mark === mark) return;
    throw refused(
      'Test tenants of this server were made with another login or password. Use the same one; or, if none are running, remove what they have left: ' +
        `drop the databases ${databasePrefix}…, then as a superuser run: DROP ROLE ${rows.map(({ role }) => role).join(', ')};`,
    );
  }
  const verifier = await scramVerifier(deriveCredential(credentialKey, controlRole, 1));
  await client.query(`
    BEGIN;
    SET LOCAL createrole_self_grant = 'set, inherit';
    CREATE ROLE ${controlRole} LOGIN CREATEROLE PASSWORD ${escapeLiteral(verifier)};
    COMMENT ON ROLE ${controlRole} IS ${escapeLiteral(mark)};
    SET LOCAL ROLE ${controlRole};
    ${groupsSql}
    ${await loginsSql(credentialKey)}
    COMMIT`);
}

/** Broker and slots: the part of a cell's lease SQL that is of the whole server. */
async function loginsSql(credentialKey: Uint8Array): Promise<string> {
  const verifiers = [...(await leaseVerifiers(credentialKey, slots))];
  return verifiers
    .map(([role, verifier]) => {
      const may = role === brokerRole ? 'LOGIN CONNECTION LIMIT -1' : 'NOLOGIN CONNECTION LIMIT 1';
      return `CREATE ROLE ${role} ${may} NOINHERIT PASSWORD ${escapeLiteral(verifier)};`;
    })
    .join('\n');
}

/** Removes the databases of kits that were killed, with their tenants; nobody is connected to those. */
export async function removeAbandoned(client: pg.ClientBase, url: string): Promise<void> {
  const { rows } = await client.query<{ database: string }>(
    `SELECT datname::text AS database FROM pg_database d
      WHERE pg_get_userbyid(datdba) = $1 AND starts_with(datname, $2)
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`,
    [controlRole, databasePrefix],
  );
  for (const { database } of rows) await dropDatabase(client, database, url);
  await dropRoles(client, await orphans(client));
}

/** Removes a kit's database and the roles of its tenants. Harmless when they are gone. */
export async function dropDatabase(client: pg.ClientBase, database: string, url: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) return;
  const tenants = await connected(inDatabase(url, database), async (inside) => {
    const { rows } = await inside.query<{ tenant: string }>(
      `SELECT nspname::text AS tenant FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$'`,
    );
    return rows.map(({ tenant }) => tenant);
  });
  await asControl(client, `DROP DATABASE IF EXISTS ${escapeIdentifier(database)} WITH (FORCE)`);
  await dropRoles(
    client,
    tenants.flatMap((tenant) => [tenant, `${tenant}_owner`]),
  );
}

/** Takes away what all kits share, when there is no kit left. */
export async function removeSharedRoles(client: pg.ClientBase): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE starts_with(datname, $1)', [
    databasePrefix,
  ]);
  if (rowCount !== 0) return;
  await dropRoles(client, [...(await orphans(client)), ...sharedRoles]);
  await client.query(`DROP ROLE IF EXISTS ${controlRole}`);
}

/** Roles of tenants whose database is gone: nothing anywhere is theirs. A tenant that is being made has its schema. */
async function orphans(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT r.rolname::text AS role
       FROM pg_roles r JOIN pg_auth_members m ON m.roleid = r.oid AND m.admin_option JOIN pg_roles c ON c.oid = m.member
      WHERE c.rolname = $1 AND r.rolname ~ '^t_[a-z2-7]{12}(_owner)?$'
        AND NOT EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid)`,
    [controlRole],
  );
  return rows.map(({ role }) => role);
}

/** Logins before owners: what an owner has granted goes with the role that it granted. */
async function dropRoles(client: pg.ClientBase, roles: readonly string[]): Promise<void> {
  const ordered = [
    ...roles.filter((role) => !role.endsWith('_owner')),
    ...roles.filter((role) => role.endsWith('_owner')),
  ];
  for (let from = 0; from < ordered.length; from += 100) {
    const names = ordered.slice(from, from + 100).map(escapeIdentifier);
    await asControl(client, `DROP ROLE IF EXISTS ${names.join(', ')}`);
  }
}

async function asControl(client: pg.ClientBase, sql: string): Promise<void> {
  await client.query(`SET ROLE ${controlRole}`);
  try {
    await client.query(sql);
  } finally {
    await client.query('RESET ROLE');
  }
}

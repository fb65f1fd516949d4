import type pg from 'pg';
import type { TenantAccess, TenantSession } from '@tenantry/contract';
import { ownerOf, tenantId } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import { lookInside } from './inside.ts';

type Login = NonNullable<TenantAccess['login']> & { readonly secret: number | null };

const rolesOf = `
  SELECT r.rolname AS role, r.rolcanlogin AS "canLogin", r.rolconnlimit AS "connectionLimit",
         coalesce(r.rolconfig, '{}') AS settings,
         coalesce(has_schema_privilege(r.oid, (SELECT oid FROM pg_namespace WHERE nspname = $1), 'USAGE'), false)
           AS "usesSchema",
         substring(shobj_description(r.oid, 'pg_authid') from '^tenantry secret ([0-9]{1,9})$')::int AS secret
    FROM pg_roles r WHERE r.rolname IN ($1, $2)`;

const membershipsOf = `
  SELECT DISTINCT g.rolname AS role, u.rolname AS member, m.inherit_option AS inherit, m.set_option AS set,
         m.admin_option AS admin
    FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
   WHERE g.rolname IN ($1, $2) OR u.rolname IN ($1, $2)
   ORDER BY role, member`;

/** Objects are found through pg_depend, which has an index for that; what has no ACL is its owner's alone. */
const privilegesOf = `
  WITH schema AS (SELECT oid, nspacl FROM pg_namespace WHERE nspname = $1),
  objects AS (
    SELECT 'schema' AS kind, oid, nspacl AS acl FROM schema
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.oid, c.relacl
      FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = (SELECT oid FROM schema)
       AND d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'function', p.oid, p.proacl
      FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = (SELECT oid FROM schema)
       AND d.classid = 'pg_proc'::regclass),
  granted AS (
    SELECT o.kind, o.oid, coalesce(r.rolname, 'PUBLIC') AS grantee,
           array_agg(a.privilege_type ORDER BY a.privilege_type) AS privileges
      FROM objects o CROSS JOIN LATERAL aclexplode(o.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     GROUP BY o.kind, o.oid, coalesce(r.rolname, 'PUBLIC'))
  SELECT grantee, kind AS on, privileges, count(*)::int AS objects
    FROM granted GROUP BY grantee, kind, privileges ORDER BY grantee, kind, objects DESC`;

/** As the tenant: PostgreSQL shows the details of a session to its own role, and of slots only that they are there. */
const sessionsOf = `
  SELECT pid, usename AS login, application_name AS "applicationName", state, state_change AS since,
         client_addr::text AS "clientAddress"
    FROM pg_stat_activity WHERE usename = $1 OR usename = ANY ($2::text[])
   ORDER BY state_change DESC NULLS LAST, pid LIMIT 200`;

interface SessionRow extends Omit<TenantSession, 'lane' | 'since'> {
  readonly since: Date | null;
}

/**
 * Who can reach a tenant's data, by PostgreSQL's own account: roles, memberships, privileges, and who is connected. Throws
 * TENANT_NOT_FOUND, TENANT_BUSY, DATABASE_UNAVAILABLE.
 */
export async function getTenantAccess(ctx: Context, ref: string): Promise<TenantAccess> {
  return lookInside(ctx, ref, async ({ tenant, as }) => {
    const id = tenantId(tenant.schema_name);
    const names = [id, ownerOf(id)];
    const read = await as('control', (client) => readCatalogs(client, names));
    const login = read.roles.find(({ role }) => role === id);
    const owner = read.roles.find(({ role }) => role !== id);
    const slots = read.memberships
      .filter(({ role, member }) => role === id && /^tenantry_slot_\d+$/.test(member))
      .map(({ member }) => member);
    const sessions = login ? await as('login', (client) => readSessions(client, id, slots)) : [];
    const [cell, readers] = await Promise.all([
      ctx.control.db
        .selectFrom('cells')
        .select('lanes')
        .where('id', '=', tenant.cell_id)
        .executeTakeFirstOrThrow(),
      openReaders(ctx, tenant.id),
    ]);
    return {
      login: login
        ? {
            role: login.role,
            canLogin: login.canLogin,
            usesSchema: login.usesSchema,
            connectionLimit: login.connectionLimit,
            settings: login.settings,
          }
        : null,
      owner: owner ? { role: owner.role, canLogin: owner.canLogin } : null,
      memberships: read.memberships,
      privileges: read.privileges,
      // Without a note it still has the first one.
      credential: { version: tenant.credential_version, inDatabase: login?.secret ?? 1 },
      lanes: cell.lanes,
      slots,
      readers,
      sessions,
    };
  });
}

async function readCatalogs(client: pg.ClientBase, names: readonly string[]) {
  const { rows: roles } = await client.query<Login>(rolesOf, [...names]);
  const { rows: memberships } = await client.query<TenantAccess['memberships'][number]>(membershipsOf, [
    ...names,
  ]);
  const { rows: privileges } = await client.query<TenantAccess['privileges'][number]>(privilegesOf, [
    names[0],
  ]);
  return { roles, memberships, privileges };
}

async function readSessions(
  client: pg.ClientBase,
  login: string,
  slots: readonly string[],
): Promise<TenantSession[]> {
  const { rows } = await client.query<SessionRow>(sessionsOf, [login, slots]);
  return rows.map((row) => ({
    pid: row.pid,
    lane: row.login === login ? 'sealed' : 'leased',
    login: row.login,
    applicationName: row.applicationName,
    state: row.state,
    since: row.since?.toISOString() ?? null,
    clientAddress: row.clientAddress,
  }));
}

/** The logins of break-glass readers that see the tenant now. */
async function openReaders(ctx: Context, tenant: string): Promise<string[]> {
  const rows = await ctx.control.db
    .selectFrom('reader_tenants')
    .innerJoin('readers', 'readers.id', 'reader_tenants.reader_id')
    .select('readers.login')
    .where('reader_tenants.tenant_id', '=', tenant)
    .where('reader_tenants.left_at', 'is', null)
    .where('readers.state', '=', 'open')
    .orderBy('readers.created_at')
    .execute();
  return rows.map(({ login }) => login);
}

import pg from 'pg';
import type { CellCheckItem } from '@tenantry/contract';
import { brokerRole, leaseFunctions, leaseLogins } from '@tenantry/tenancy';
import { item } from './check.ts';

const { escapeIdentifier } = pg;

const signatures = Object.values(leaseFunctions).flatMap((called) =>
  called.names.map((name) => `${name}(${called.arguments})`),
);

interface LeaseFacts {
  /** Logins that are not there, and what else of `tenantry_lease` is not. */
  readonly missing: readonly string[];
  /** Logins that can do more, or less, than they should. */
  readonly misshapen: readonly string[];
  readonly strays: readonly { readonly group: string; readonly member: string }[];
}

/**
 * Says what a cell that was prepared lacks for leases, and what its broker and its slots hold that they should not: they
 * are members of one group that gives CONNECT, and a slot of the tenant that is leased to it. Reads catalogs only.
 */
export async function checkLeases(
  client: pg.ClientBase,
  cell: string,
  slots: number,
): Promise<CellCheckItem[]> {
  const { missing, misshapen, strays } = await readFacts(client, slots);
  const shape = (role: string) =>
    `ALTER ROLE ${escapeIdentifier(role)} NOINHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS ` +
    (role === brokerRole ? 'LOGIN CONNECTION LIMIT -1;' : 'NOLOGIN CONNECTION LIMIT 1;');
  const all = slots === 0 ? 'The broker is there' : `The broker and ${slots} slots are there`;
  return [
    item('leases', missing.length === 0, 'error', {
      good: all,
      bad: `Missing: ${missing.join(', ')}. "tenantry cell update ${cell} --slots ${Math.max(1, slots)}" makes what is missing.`,
    }),
    item('lease-logins', misshapen.length === 0, 'error', {
      good: 'The broker and the slots have the attributes that they need, and no others',
      bad: `The attributes of ${misshapen.join(', ')} were changed. As a superuser run:`,
      sql: misshapen.map(shape).join(' '),
    }),
    item('lease-members', strays.length === 0, 'error', {
      good: 'The broker and the slots hold nothing but leases',
      bad: `The broker or a slot was made a member of ${strays.map(({ group }) => group).join(', ')}. As a superuser run:`,
      sql: strays
        .map(({ group, member }) => `REVOKE ${escapeIdentifier(group)} FROM ${escapeIdentifier(member)};`)
        .join(' '),
    }),
  ];
}

async function readFacts(client: pg.ClientBase, slots: number): Promise<LeaseFacts> {
  const { rows } = await client.query<LeaseFacts>(
    `WITH wanted AS (SELECT unnest($1::text[]) AS name),
     logins AS (SELECT r.* FROM pg_roles r JOIN wanted w ON w.name = r.rolname)
     SELECT ARRAY(
              SELECT name FROM wanted WHERE name NOT IN (SELECT rolname FROM logins)
              UNION ALL SELECT 'tenantry_slots' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tenantry_slots')
              UNION ALL SELECT 'the schema tenantry_lease' WHERE to_regnamespace('tenantry_lease') IS NULL
              UNION ALL SELECT 'the function tenantry_lease.' || f.name FROM unnest($2::text[]) AS f (name)
                         WHERE to_regprocedure('tenantry_lease.' || f.name) IS NULL
            ) AS missing,
            ARRAY(
              SELECT rolname::text FROM logins
               WHERE rolname = 'tenantry_broker' AND NOT rolcanlogin OR rolinherit OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
                  OR rolbypassrls OR rolconnlimit <> CASE WHEN rolname = 'tenantry_broker' THEN -1 ELSE 1 END
               ORDER BY rolname
            ) AS misshapen,
            coalesce((
              SELECT json_agg(json_build_object('group', g.rolname, 'member', l.rolname))
                FROM pg_auth_members m JOIN logins l ON l.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
               WHERE g.rolname <> 'tenantry_slots'
                 AND NOT (l.rolname <> 'tenantry_broker' AND g.rolname ~ '^t_[a-z2-7]{12}$'
                          AND pg_get_userbyid(m.grantor) = g.rolname || '_owner')
            ), '[]') AS strays`,
    [leaseLogins(slots), signatures],
  );
  return rows[0]!;
}

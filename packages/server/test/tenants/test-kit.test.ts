import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadMigrations } from '@tenantry/migrate';
import { flyway } from '@tenantry/migrate/testing';
import { deriveCredential, newTenantId } from '@tenantry/tenancy';
import { startTestTenants, type TestTenants } from '@tenantry/tenancy/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLeases } from '../../src/db/cells/check-leases.ts';
import { checkCell } from '../../src/db/cells/check.ts';
import { prepareCell } from '../../src/db/cells/prepare.ts';
import type { Cell } from '../../src/db/cells/registry.ts';
import { buildSchema } from '../../src/tenants/schema/build.ts';
import { makeLessor } from '../../src/tenants/schema/lessor.ts';
const migrations = join(
  fileURLToPath(new URL('../../../../', import.meta.url)),
  'examples/sample-saas/migrations',
);

let kit: TestTenants;
let control: pg.Pool;
let server: Cell;
beforeAll(async () => {
  kit = await startTestTenants({ schema: flyway(migrations), spares: 1 });
  const { hostname: host, port } = new URL(kit.superuserUrl!);
  const address = { host, port: Number(port), database: 'tenantry' };
  const password = deriveCredential(kit.credentialKey, 'tenantry_control', 1);
  control = new pg.Pool({ ...address, user: 'tenantry_control', password, max: 2 });
  const clientConfig = () => ({ ...address, user: 'tenantry_control', password });
  server = {
    id: 'cell',
    name: 'cell',
    address,
    allowedExtensions: [],
    withConnection: inControl,
    clientConfig,
  };
});
afterAll(async () => {
  await control?.end();
  await kit?.stop();
});

async function inControl<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await control.connect();
  try {
    return await work(client);
  } finally {
    client.release(true);
  }
}

/** Everything that says who may do what, with one tenant's name taken out. */
async function rights(tenant: string): Promise<readonly string[]> {
  const { rows } = await control.query<{ fact: string }>(
    `WITH own AS (SELECT oid, rolname FROM pg_roles WHERE rolname IN ($1::text, $1::text || '_owner'))
     SELECT format('role %s %s %s %s %s', r.rolname, r.rolcanlogin, r.rolinherit, r.rolconnlimit, r.rolconfig) AS fact
       FROM pg_roles r WHERE r.oid IN (SELECT oid FROM own)
     UNION ALL
     SELECT format('%s in %s by %s: %s %s %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid), pg_get_userbyid(m.grantor),
                   m.admin_option, m.inherit_option, m.set_option)
       FROM pg_auth_members m WHERE m.member IN (SELECT oid FROM own) OR m.roleid IN (SELECT oid FROM own)
     UNION ALL
     SELECT format('schema %s of %s: %s', nspname, pg_get_userbyid(nspowner), nspacl) FROM pg_namespace WHERE nspname = $1::text
     UNION ALL
     SELECT format('default %s: %s', defaclobjtype, defaclacl) FROM pg_default_acl WHERE defaclrole IN (SELECT oid FROM own)
     UNION ALL
     SELECT format('relation %s of %s: %s', relname, pg_get_userbyid(relowner), relacl) FROM pg_class
      WHERE relnamespace = to_regnamespace($1::text) AND relkind IN ('r', 'S', 'v', 'm')
     UNION ALL
     SELECT format('function %s of %s: %s %s', proname, pg_get_userbyid(proowner), proacl, proconfig) FROM pg_proc
      WHERE pronamespace IN (to_regnamespace($1::text), to_regnamespace('tenantry_lease')) AND (pronamespace = to_regnamespace($1::text) OR proname LIKE '%' || $1::text)
     ORDER BY 1`,
    [tenant],
  );
  return rows.map(({ fact }) => fact.replaceAll(tenant, '<tenant>')).toSorted();
}

test('a tenant of the kit may do what a tenant of the control plane may, and nothing else', async () => {
  const { tenant: built } = await kit.create();
  const provisioned = newTenantId();
  await buildSchema({
    tenant: provisioned,
    cell: server,
    set: await loadMigrations({ locations: [migrations] }),
    placeholders: {},
    credentialKey: kit.credentialKey,
    credentialVersion: 1,
    leased: true,
    signal: new AbortController().signal,
    beforeCommit: async () => {},
  });
  await makeLessor(server, provisioned);
  const facts = await rights(built);
  expect(facts.length).toBeGreaterThan(40);
  expect(facts).toEqual(await rights(provisioned));
});

test('the control plane finds nothing to mend in a cell of the kit, and changes nothing but its own canary', async () => {
  const look = async (): Promise<readonly unknown[]> => {
    const { rows } = await control.query(
      `SELECT format('%s %s', datname, datacl) AS fact FROM pg_database WHERE datname = current_database()
       UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace WHERE nspname IN ('public', 'extensions', 'tenantry_lease')
       UNION ALL SELECT format('%s %s %s', setdatabase, setrole, setconfig) FROM pg_db_role_setting
       UNION ALL SELECT format('%s %s %s %s %s', rolname, rolcanlogin, rolinherit, rolconnlimit, rolcreaterole) FROM pg_roles WHERE rolname ~ '^tenantry_'
       UNION ALL SELECT format('%s %s %s %s %s', member::regrole, roleid::regrole, admin_option, inherit_option, set_option)
                   FROM pg_auth_members WHERE roleid::regrole::text ~ '^tenantry_' AND member::regrole::text ~ '^tenantry_'
       ORDER BY 1`,
    );
    return rows;
  };
  const slots = (await kit.directory.find((await kit.create()).tenant))!.cell.slots;
  const before = await look();
  const items = await inControl(async (client) => {
    await prepareCell(client, [], { slots, credentialKey: kit.credentialKey });
    return [...(await checkCell(client, [])), ...(await checkLeases(client, 'cell', slots))];
  });
  expect(items.filter(({ ok }) => !ok)).toEqual([]);
  expect(await look()).toEqual(before);
});

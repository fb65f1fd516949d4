import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  askOracle,
  auditCatalog,
  tenantryLayout,
  type AuditOptions,
  type Finding,
  type Layout,
  type RegisteredTenant,
} from '@tenantry/isolation';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { harden } from './support.ts';

let server: TestServer;
let control: pg.Client;
let layout: Layout;
let reference: string;

beforeAll(async () => {
  reference = await mkdtemp(join(tmpdir(), 'tenantry reference '));
  await writeFile(
    join(reference, 'V1__countries.sql'),
    `CREATE TABLE countries (code text PRIMARY KEY); CREATE VIEW short AS SELECT code FROM countries;
     CREATE FUNCTION upper_code(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper($1); CREATE TYPE region AS ENUM ('eu');`,
  );
  server = await startTestServer({
    warmPool: '2',
    extensions: 'citext,pg_trgm',
    referenceMigrations: reference,
  });
  await harden(server);
  for (const slug of ['active', 'suspended', 'archived', 'leaving']) await provision(server, slug);
  for (const [verb, tenant] of [
    ['suspendTenant', 'suspended'],
    ['archiveTenant', 'archived'],
    ['deleteTenant', 'leaving'],
  ] as const)
    await server.admin.call(verb, { params: { tenant }, body: { reason: 'a test' } });
  await server.admin.call('openReader', { body: { tenants: ['active'], reason: 'a test' } });
  control = new pg.Client(server.controlUrl);
  await control.connect();
  layout = tenantryLayout({ database: 'tenantry', extensions: ['citext', 'pg_trgm'] });
}, 120_000);
afterAll(async () => {
  await control.end();
  await server.stop();
  await rm(reference, { recursive: true });
});

const told = (findings: readonly Finding[]) => findings.map(({ check, subject }) => `${check} ${subject}`);

/** Both ways; against the registry where it is given. */
async function look(as: pg.Client = control, options: AuditOptions = {}): Promise<readonly string[]> {
  const audit = await auditCatalog(as, layout, options);
  const oracle = await askOracle(as, layout, options);
  return told([...audit.findings, ...oracle.findings]);
}

/** As the control plane has it, spares included. */
async function registry(): Promise<readonly RegisteredTenant[]> {
  const { rows } = await server.superuser.query<RegisteredTenant>(`
    SELECT t.schema_name AS schema, CASE WHEN t.state = 'provisioning' OR t.state = 'failed' OR o.id IS NOT NULL THEN 'changing'
                                         WHEN t.state = 'active' THEN 'open' ELSE 'closed' END AS state
      FROM tenantry.tenants t LEFT JOIN tenantry.operations o ON o.tenant_id = t.id AND o.finished_at IS NULL
     WHERE t.state <> 'deleted' OR o.id IS NOT NULL
    UNION ALL SELECT id, CASE state WHEN 'ready' THEN 'open' ELSE 'changing' END FROM tenantry.spares`);
  return rows;
}

describe('a cell that the control plane has made', () => {
  test('has no finding: tenants in every state, spares, slots, a reader, reference tables, extensions', async () => {
    expect(await look(control, { registry })).toEqual([]);
    expect(await look()).toEqual([]);
  });

  test('is looked at without a superuser: by a login that may connect and nothing else', async () => {
    await server.superuser.query(
      `CREATE ROLE onlooker LOGIN PASSWORD 'onlooker'; GRANT CONNECT ON DATABASE tenantry TO onlooker`,
    );
    const url = new URL(server.controlUrl);
    url.username = url.password = 'onlooker';
    const onlooker = new pg.Client(url.href);
    await onlooker.connect();
    try {
      expect(await look(onlooker)).toEqual([
        'role.unknown role onlooker',
        'privilege.unknown database tenantry: CONNECT for onlooker',
      ]);
    } finally {
      await onlooker.end();
      await server.superuser.query('DROP OWNED BY onlooker; DROP ROLE onlooker');
    }
  });

  test('is read in its catalogs alone: no lock on a table of anybody, and none that others wait for', async () => {
    await control.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    try {
      await look(control, { inTransaction: true });
      // What a transaction has read it has locked, until it ends.
      const { rows } = await control.query<{ lock: string }>(
        `SELECT l.locktype || ' ' || l.mode || ' ' || coalesce(l.relation::regclass::text, '') AS lock FROM pg_locks l
          WHERE l.pid = pg_backend_pid() AND (l.mode <> 'AccessShareLock' OR l.relation >= 16384) AND l.locktype <> 'virtualxid'`,
      );
      expect(rows).toEqual([]);
      const { rows: read } = await control.query<{ relations: number }>(
        `SELECT count(*)::int AS relations FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'`,
      );
      expect(read[0]!.relations).toBeGreaterThan(30);
    } finally {
      await control.query('ROLLBACK');
    }
  });

  test('is looked at while somebody holds the strongest lock on a tenant’s table', async () => {
    const { schema } = await server.admin.call('getTenant', { params: { tenant: 'active' } });
    const other = await server.superuser.connect();
    try {
      await other.query(`BEGIN; LOCK TABLE ${schema}.flyway_schema_history IN ACCESS EXCLUSIVE MODE`);
      expect(await look()).toEqual([]);
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }
  });

  test(
    'has no finding while tenants are made, suspended, resumed and purged',
    { timeout: 120_000 },
    async () => {
      let over = false;
      const live = async (n: number): Promise<void> => {
        const slug = `busy-${n}`;
        await provision(server, slug);
        const params = { tenant: slug };
        await server.admin.call('suspendTenant', { params, body: { reason: 'a test' } });
        await server.admin.call('resumeTenant', { params, body: { reason: 'a test' } });
        await server.admin.call('deleteTenant', { params, body: { reason: 'a test' } });
        const { operation } = await server.admin.call('purgeTenant', {
          params,
          body: { confirm: slug, force: true },
        });
        await server.finished(operation.id);
      };
      let looks = 0;
      // Until both have happened often enough, however slow the machine is.
      const churn = (async () => {
        for (let n = 0; n < 8 || looks <= 5; n++) await live(n);
      })().finally(() => (over = true));
      const found = new Set<string>();
      while (!over) {
        for (const each of await look(control, { registry, confirmAfterMs: 100 })) found.add(each);
        looks += 1;
      }
      await churn;
      expect([...found]).toEqual([]);
    },
  );

  test('tells what the registry has and the cell has not, and the other way round', async () => {
    const { schema } = await server.admin.call('getTenant', { params: { tenant: 'active' } });
    const all = await registry();
    const drift = async (tenants: readonly RegisteredTenant[]) =>
      told((await auditCatalog(control, { ...layout, registry: tenants })).findings);
    expect(await drift([...all, { schema: 't_aaaaaaaaaaaa', state: 'open' }])).toEqual([
      'registry.missing-schema schema t_aaaaaaaaaaaa',
    ]);
    expect(await drift(all.filter((each) => each.schema !== schema))).toEqual([
      `registry.unknown-tenant schema ${schema}`,
    ]);
    expect(
      await drift(
        all.map(({ schema: name, state }) => ({ schema: name, state: name === schema ? 'closed' : state })),
      ),
    ).toEqual([`registry.open schema ${schema}`]);
  });
});

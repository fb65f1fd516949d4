import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client, Tenant } from '@tenantry/contract';
import { problemOf } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision } from '../support/tenant.ts';

const first = {
  'V1__notes.sql':
    'CREATE TABLE note (id int PRIMARY KEY, body text NOT NULL);\nCREATE INDEX note_body ON note (body);',
  'V2__tags.sql': "CREATE TABLE tag (name text PRIMARY KEY);\nINSERT INTO tag VALUES ('a');",
  'R__names.sql': 'CREATE OR REPLACE VIEW names AS SELECT name FROM tag;',
};

let server: TestServer;
let files: MigrationFiles;
let acme: Tenant;
let globex: Tenant;
let ofAcme: Client;
beforeAll(async () => {
  files = await migrationFiles(first);
  server = await startTestServer({ migrations: files.path, oidcClientSecret: 'hush hush' });
  acme = await provision(server, 'acme', { plan: 'gold', labels: { region: 'eu', tier: 'a' } });
  globex = await provision(server, 'globex', { plan: 'free', labels: { region: 'eu' } });
  ofAcme = await server.as('tenant', acme.id);
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

describe('is a slug free', () => {
  const check = (slug: string) => server.admin.call('checkSlug', { params: { slug } });

  test('one that is', async () => {
    expect(await check('initech')).toEqual({
      slug: 'initech',
      available: true,
      code: null,
      reason: null,
      suggestion: null,
    });
  });

  test.each([
    ['acme', 'SLUG_TAKEN', 'acme-2'],
    ['admin', 'SLUG_RESERVED', 'admin-2'],
    ['Acme Ltd.', 'SLUG_INVALID', 'acme-ltd'],
    ['Größe/1', 'SLUG_INVALID', 'gro-e-1'],
    ['---', 'SLUG_INVALID', null],
    ['x'.repeat(64), 'SLUG_INVALID', 'x'.repeat(58)],
  ])('%s is not', async (slug, code, suggestion) => {
    const answer = await check(slug);
    expect(answer).toMatchObject({ available: false, code, suggestion });
    expect(answer.reason).not.toBe('');
    if (suggestion !== null) expect((await check(suggestion)).available).toBe(true);
  });

  test('nobody who may not create tenants learns names so', async () => {
    const problem = await problemOf(ofAcme.call('checkSlug', { params: { slug: 'globex' } }));
    expect(problem.code).toBe('FORBIDDEN');
  });
});

describe('the plan of a tenant', () => {
  test('says what will run, and runs nothing', async () => {
    const { rows: before } = await server.superuser.query('SELECT count(*)::int FROM pg_roles');
    const plan = await server.admin.call('planTenant', { body: { slug: 'initech' } });
    expect(plan).toMatchObject({
      ok: true,
      problems: [],
      cell: 'default',
      way: 'build',
      spares: 0,
      schemaVersion: '2',
      lint: { ok: true },
    });
    expect(plan.steps.map(({ name }) => name)).toEqual(['build', 'probe', 'activate']);
    const [build] = plan.steps;
    expect(build?.sql).toContain(`CREATE ROLE "${plan.sampleId}_owner" NOLOGIN NOINHERIT;`);
    expect(build?.sql).toContain(`GRANT USAGE ON SCHEMA "${plan.sampleId}" TO "${plan.sampleId}"`);
    // No verifier, not even one of a secret that nobody has.
    expect(build?.sql).toContain(`PASSWORD 'SCRAM-SHA-256$…'`);
    expect(plan.migrations.map(({ script, statements }) => [script, statements])).toEqual([
      ['V1__notes.sql', 2],
      ['V2__tags.sql', 2],
      ['R__names.sql', 1],
    ]);
    expect(plan.migrations[0]?.sql).toBe(first['V1__notes.sql']);
    expect(plan.estimate).toMatchObject({ operations: 2 });
    expect(plan.estimate!.p95).toBeGreaterThanOrEqual(plan.estimate!.p50);
    expect(plan.rollback.length).toBeGreaterThan(1);
    const { rows: after } = await server.superuser.query('SELECT count(*)::int FROM pg_roles');
    expect(after).toEqual(before);
    expect((await problemOf(server.admin.call('getTenant', { params: { tenant: 'initech' } }))).code).toBe(
      'TENANT_NOT_FOUND',
    );
  });

  test('what stands in the way is told with the code that the request would meet', async () => {
    const plan = await server.admin.call('planTenant', { body: { slug: 'acme' } });
    expect(plan.ok).toBe(false);
    expect(plan.problems).toMatchObject([{ code: 'SLUG_TAKEN' }]);
    expect((await problemOf(server.admin.call('createTenant', { body: { slug: 'acme' } }))).code).toBe(
      'SLUG_TAKEN',
    );
  });

  test.each([
    ['V3__broken.sql', 'SELEC 1;', 'MIGRATION_SYNTAX'],
    ['V3__reach.sql', 'CREATE TABLE public.x (a int);', 'MIGRATION_LINT'],
    ['V3__hole.sql', 'SELECT ${nothing};', 'MIGRATION_PLACEHOLDER_MISSING'],
    ['V1__notes.sql', 'CREATE TABLE other (id int);', 'MIGRATION_CHECKSUM_CHANGED'],
  ])('%s', async (name, sql, code) => {
    await files.write({ [name]: sql });
    try {
      const plan = await server.admin.call('planTenant', { body: { slug: 'initech' } });
      expect(plan.ok).toBe(false);
      expect(plan.problems[0]).toMatchObject({ code, file: name });
    } finally {
      await files.replace(first);
    }
  });
});

describe('inside a tenant', () => {
  const migrations = (client = server.admin, tenant = acme.id) =>
    client.call('listTenantMigrations', { params: { tenant } });

  test('its migrations against the files', async () => {
    const list = await migrations();
    expect(list).toMatchObject({ schemaVersion: '2', configuredVersion: '2', behind: 0, drifted: 0 });
    expect(list.items.map(({ script, state, rank }) => [rank, script, state])).toEqual([
      [1, 'V1__notes.sql', 'applied'],
      [2, 'V2__tags.sql', 'applied'],
      [3, 'R__names.sql', 'applied'],
    ]);
    expect(list.items[0]?.checksum).toBe(list.items[0]?.fileChecksum);
    expect(Math.abs(Date.now() - new Date(list.items[0]!.installedAt!).getTime())).toBeLessThan(600_000);
  });

  test('one that is new is pending, a changed repeatable is outdated, a changed file is drift', async () => {
    await files.replace({
      'V1__notes.sql': 'CREATE TABLE note (id int);',
      'V3__more.sql': 'CREATE TABLE more (a int);',
      'R__names.sql': 'CREATE OR REPLACE VIEW names AS SELECT name FROM tag LIMIT 5;',
    });
    try {
      const list = await migrations();
      expect(list).toMatchObject({ configuredVersion: '3', behind: 2, drifted: 2 });
      expect(Object.fromEntries(list.items.map(({ script, state }) => [script, state]))).toEqual({
        'V1__notes.sql': 'changed',
        'V2__tags.sql': 'missing',
        'R__names.sql': 'outdated',
        'V3__more.sql': 'pending',
      });
      const facets = await server.admin.call('getTenantFacets', { query: {} });
      expect(facets.behind).toBe(2);
      const behind = await server.admin.call('listTenants', { query: { behind: 'true' } });
      expect(behind.total).toBe(2);
    } finally {
      await files.replace(first);
    }
    expect((await server.admin.call('listTenants', { query: { behind: 'true' } })).total).toBe(0);
    expect((await server.admin.call('listTenants', { query: { version: '2' } })).total).toBe(2);
  });

  test('its tables', async () => {
    const { items, bytes } = await server.admin.call('listTenantTables', { params: { tenant: acme.id } });
    const byName = new Map(items.map((item) => [item.name, item]));
    expect([...byName.keys()].toSorted()).toEqual(['flyway_schema_history', 'names', 'note', 'tag']);
    expect(byName.get('note')).toMatchObject({ kind: 'table', indexes: 2, columns: 2, rows: null });
    expect(byName.get('names')).toMatchObject({ kind: 'view', bytes: 0, rows: null });
    expect(byName.get('tag')!.bytes).toBeGreaterThan(byName.get('tag')!.indexBytes);
    expect(bytes).toBe(items.reduce((sum, item) => sum + item.bytes, 0));
  });

  test('a migration that holds a lock is not waited for', async () => {
    const other = await server.superuser.connect();
    try {
      await other.query(`BEGIN; LOCK TABLE ${acme.schema}.note IN ACCESS EXCLUSIVE MODE`);
      const problem = await problemOf(server.admin.call('listTenantTables', { params: { tenant: acme.id } }));
      expect(problem.code).toBe('TENANT_BUSY');
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }
  });

  test('who can reach it', async () => {
    const login = await loginAs(server, acme);
    try {
      const access = await server.admin.call('getTenantAccess', { params: { tenant: acme.id } });
      expect(access).toMatchObject({
        login: { role: acme.schema, canLogin: true, usesSchema: true, connectionLimit: 50 },
        owner: { role: `${acme.schema}_owner`, canLogin: false },
        credential: { version: 1, inDatabase: 1 },
        lanes: ['sealed', 'leased'],
        slots: [],
        readers: [],
      });
      expect(access.sessions).toMatchObject([{ lane: 'sealed', login: acme.schema, state: 'idle' }]);
      expect(access.privileges.filter(({ grantee }) => grantee === 'PUBLIC')).toEqual([]);
      expect(access.privileges).toContainEqual({
        grantee: acme.schema,
        on: 'table',
        privileges: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
        objects: 3,
      });
      expect(access.memberships).toContainEqual({
        role: 'tenantry_tenants',
        member: acme.schema,
        inherit: true,
        set: false,
        admin: false,
      });
    } finally {
      await login.end();
    }
  });

  test('after a suspension nobody can, and a rotation shows', async () => {
    await server.admin.call('rotateTenantCredential', { params: { tenant: globex.id }, body: {} });
    await server.admin.call('suspendTenant', { params: { tenant: globex.id }, body: {} });
    const access = await server.admin.call('getTenantAccess', { params: { tenant: globex.id } });
    expect(access).toMatchObject({
      login: { canLogin: false, usesSchema: false },
      credential: { version: 2, inDatabase: 2 },
    });
    await server.admin.call('resumeTenant', { params: { tenant: globex.id }, body: {} });
  });

  test('what happened to it, in one order, page by page', async () => {
    const params = { tenant: globex.id };
    const all = await server.admin.call('listTenantTimeline', { params, query: { limit: 100 } });
    expect(all.includesAudit).toBe(true);
    expect(all.nextCursor).toBeNull();
    expect(all.items.filter(({ kind }) => kind === 'operation')).toHaveLength(1);
    expect(all.items.map(({ audit }) => audit?.action)).toContain('tenant.suspend');
    const times = all.items.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
    const paged: typeof all.items = [];
    let cursor: string | undefined;
    do {
      const page = await server.admin.call('listTenantTimeline', {
        params,
        query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      paged.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all.items);
    const foreign = await problemOf(
      server.admin.call('listTenantTimeline', { params, query: { cursor: 'x' } }),
    );
    expect(foreign.code).toBe('CURSOR_INVALID');
  });

  test('without audit:read the timeline has operations alone', async () => {
    const { items, includesAudit } = await ofAcme.call('listTenantTimeline', {
      params: { tenant: acme.id },
      query: {},
    });
    expect(includesAudit).toBe(false);
    expect(items.map(({ kind }) => kind)).toEqual(['operation']);
  });

  test.each(['listTenantMigrations', 'listTenantTables', 'getTenantAccess', 'listTenantTimeline'] as const)(
    '%s: another tenant’s is not there',
    async (name) => {
      const own = await ofAcme.call(name, { params: { tenant: acme.id }, query: {} });
      expect(own).toBeTruthy();
      const problem = await problemOf(ofAcme.call(name, { params: { tenant: globex.id }, query: {} }));
      expect(problem.code).toBe('TENANT_NOT_FOUND');
    },
  );

  test('of a tenant that was purged there is nothing left, and its timeline stays', async () => {
    const gone = await provision(server, 'gone');
    const params = { tenant: gone.id };
    await server.admin.call('deleteTenant', { params, body: {} });
    const { operation } = await server.admin.call('purgeTenant', {
      params,
      body: { confirm: 'gone', force: true },
    });
    await server.finished(operation.id);
    expect((await migrations(server.admin, gone.id)).items.every(({ state }) => state === 'pending')).toBe(
      true,
    );
    expect((await server.admin.call('listTenantTables', { params })).items).toEqual([]);
    expect(await server.admin.call('getTenantAccess', { params })).toMatchObject({
      login: null,
      owner: null,
    });
    const { items } = await server.admin.call('listTenantTimeline', { params, query: {} });
    expect(items.length).toBeGreaterThan(3);
  });
});

describe('counts for filters', () => {
  test('each says what another value would give', async () => {
    const facets = await server.admin.call('getTenantFacets', { query: { plan: 'gold' } });
    expect(facets.plan).toEqual([
      { value: 'free', tenants: 1 },
      { value: 'gold', tenants: 1 },
    ]);
    expect(facets.state).toEqual([{ value: 'active', tenants: 1 }]);
    expect(facets.schemaVersion).toEqual([{ value: '2', tenants: 1 }]);
    expect(facets.label).toEqual([
      { value: 'region:eu', tenants: 1 },
      { value: 'tier:a', tenants: 1 },
    ]);
  });

  test('of one tenant for those who are bound to it', async () => {
    const facets = await ofAcme.call('getTenantFacets', { query: {} });
    expect(facets.plan).toEqual([{ value: 'gold', tenants: 1 }]);
  });
});

describe('the overview', () => {
  test('of an administrator has every part', async () => {
    const overview = await server.admin.call('getOverview', {});
    expect(overview.tenants.total).toBe(2);
    expect(overview.tenants.byState).toEqual([{ state: 'active', tenants: 2 }]);
    expect(overview.schemaVersions).toEqual([{ version: '2', tenants: 2, current: true }]);
    expect(overview.operations).toMatchObject({ running: 0, queued: 0, failedLastDay: 0 });
    expect(overview.operations!.provisionMs!.operations).toBeGreaterThanOrEqual(2);
    expect(overview.cells).toMatchObject([{ name: 'default', up: true, tenants: 2, problem: null }]);
    expect(overview.cells![0]!.connections!.limit).toBeGreaterThan(overview.cells![0]!.connections!.used);
    expect(overview.audit).toHaveLength(10);
    expect(overview.isolation).toMatchObject({ openFindings: expect.any(Number) });
    expect(overview.openReaders).toBe(0);
  });

  test('of others has what they may see', async () => {
    const developer = await (await server.as('developer')).call('getOverview', {});
    expect(developer.audit).toBeNull();
    expect(developer.openReaders).toBeNull();
    expect(developer.cells).not.toBeNull();
    const own = await ofAcme.call('getOverview', {});
    expect(own).toMatchObject({ tenants: { total: 1 }, audit: null, cells: null, openReaders: null });
    expect(own.operations!.succeededLastDay).toBe(1);
  });

  test('a cell that does not answer is down, with a reason', async () => {
    await server.superuser.query(
      `INSERT INTO tenantry.cells (id, name, kind, url_encrypted, host, login, server_version, system_identifier)
       VALUES ('c_away', 'away', 'external', '\\x00', 'away:5432/x', 'x', '18', '1')`,
    );
    try {
      const { cells } = await server.admin.call('getOverview', {});
      expect(cells).toMatchObject([
        { name: 'default', up: true },
        { name: 'away', up: false },
      ]);
      expect(cells![1]!.problem).not.toBe('');
    } finally {
      await server.superuser.query(`DELETE FROM tenantry.cells WHERE id = 'c_away'`);
    }
  });
});

test('settings show what is set, and no secret', async () => {
  const settings = await server.admin.call('getSettings', {});
  const byName = new Map(settings.items.map((item) => [item.name, item]));
  expect(byName.get('migrations')).toMatchObject({ value: files.path, source: 'given', secret: false });
  expect(byName.get('sessionIdle')).toMatchObject({ value: '3600s', source: 'default', default: '1h' });
  expect(byName.get('oidcClientSecret')).toMatchObject({ value: null, source: 'given', secret: true });
  expect(byName.get('databaseUrl')).toMatchObject({ value: null, source: 'given', secret: true });
  expect(JSON.stringify(settings)).not.toMatch(/hush hush|control-password/);
  expect(settings.publicUrl).toBe(server.url);
});

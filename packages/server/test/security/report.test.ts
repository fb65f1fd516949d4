import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ApiError,
  createClient,
  type Client,
  type ListSecurityEvents,
  type ReportSecurityEvents,
  type Tenant,
} from '@tenantry/contract';
import { problemOf, send } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { metricOf } from './support.ts';

let server: TestServer;
let files: MigrationFiles;
let acme: Tenant;
let other: Tenant;
let runtime: Client;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  [acme, other] = [await provision(server, 'acme'), await provision(server, 'other')];
  runtime = await server.as('runtime');
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

type Event = ReportSecurityEvents['events'][number];

const event = (more: Partial<Event> = {}): Event => {
  const now = new Date().toISOString();
  return {
    kind: 'denied',
    tenantId: acme.id,
    cell: null,
    lane: 'sealed',
    sqlState: '42501',
    fingerprint: '0123456789abcdef',
    count: 1,
    firstAt: now,
    lastAt: now,
    ...more,
  };
};

const report = (events: readonly Event[], more: Partial<ReportSecurityEvents> = {}) =>
  runtime.call('reportSecurityEvents', {
    body: { report: randomUUID(), source: 'lane', events: [...events], dropped: 0, ...more },
  });

const listed = async (query: ListSecurityEvents) =>
  (await server.admin.call('listSecurityEvents', { query })).items;

test('equal refusals of a minute are one row with their count, and watchers hear of them at once', async () => {
  const stream = await listen(server.admin, { topics: 'security' });
  const at = { firstAt: new Date().toISOString(), lastAt: new Date().toISOString() };
  const fingerprint = 'aaaaaaaaaaaaaaaa';
  expect(
    await report([event({ ...at, fingerprint, count: 2 }), event({ ...at, fingerprint, count: 3 })]),
  ).toEqual({
    accepted: 2,
  });
  await report([event({ ...at, fingerprint, lane: 'leased' })]);
  const told = await stream.until(({ event: type }) => type === 'security.events');
  await stream.close();
  expect(told.data).toMatchObject({
    topics: ['security', `security:${acme.id}`],
    data: {
      tenantId: acme.id,
      events: [{ kind: 'denied', source: 'lane', lane: 'sealed', sqlState: '42501', fingerprint, count: 5 }],
    },
  });
  const rows = (await listed({ tenant: 'acme' })).filter((row) => row.fingerprint === fingerprint);
  expect(Object.fromEntries(rows.map(({ lane, count }) => [lane, count]))).toEqual({ leased: 1, sealed: 5 });
  expect(rows[0]).toMatchObject({ tenantId: acme.id, tenantSlug: 'acme', source: 'lane', cell: null });
});

test('a report that is sent again counts once', async () => {
  const again = { report: randomUUID() };
  const events = [event({ fingerprint: 'bbbbbbbbbbbbbbbb' })];
  expect(await report(events, again)).toEqual({ accepted: 1 });
  expect(await report(events, again)).toEqual({ accepted: 0 });
  const rows = (await listed({})).filter(({ fingerprint }) => fingerprint === 'bbbbbbbbbbbbbbbb');
  expect(rows.map(({ count }) => count)).toEqual([1]);
});

test('what nobody knows is counted without it: tenants, cells and states cannot be made up', async () => {
  const before = await metricOf(server, 'tenantry_security_events_total', { kind: 'guard', sqlstate: '' });
  await report([
    event({
      kind: 'guard',
      tenantId: 't_aaaaaaaaaaaa',
      cell: 'nowhere',
      sqlState: 'ZZZ99',
      fingerprint: null,
    }),
  ]);
  const [row] = await listed({ kind: 'guard' });
  expect(row).toMatchObject({ tenantId: null, tenantSlug: null, cell: null, sqlState: null, count: 1 });
  expect(await metricOf(server, 'tenantry_security_events_total', { kind: 'guard', sqlstate: '' })).toBe(
    before + 1,
  );
});

test('a time that cannot be is the nearest that can', async () => {
  const fingerprint = 'cccccccccccccccc';
  await report([
    event({ fingerprint, firstAt: '2001-01-01T00:00:00Z', lastAt: '2001-01-01T00:00:00Z' }),
    event({ fingerprint, firstAt: '2999-01-01T00:00:00Z', lastAt: '2999-01-01T00:00:00Z' }),
  ]);
  const rows = (await listed({})).filter((row) => row.fingerprint === fingerprint);
  const ages = rows.map(({ lastAt }) => Math.round((Date.now() - Date.parse(lastAt)) / 3_600_000));
  expect(ages).toEqual([0, 24]);
});

test('a tenant that tries new statements without end fills a bounded number of rows', async () => {
  const minute = new Date(Date.now() - 3_600_000).toISOString();
  const prints = Array.from({ length: 600 }, (_, i) => i.toString(16).padStart(16, '0'));
  for (let i = 0; i < 3; i++) {
    await report(
      prints
        .slice(i * 200, i * 200 + 200)
        .map((fingerprint) => event({ tenantId: other.id, fingerprint, firstAt: minute, lastAt: minute })),
    );
  }
  const { rows } = await server.superuser.query<{ rows: number; total: number }>(
    'SELECT count(*)::int AS rows, sum(count)::int AS total FROM tenantry.security_events WHERE tenant_id = $1',
    [other.id],
  );
  expect(rows[0]!.total).toBe(600);
  expect(rows[0]!.rows).toBeLessThanOrEqual(102);
});

test('filters and pages', async () => {
  const from = new Date(Date.now() - 2 * 3_600_000).toISOString();
  const seen: string[] = [];
  let cursor: string | undefined;
  let total = 0;
  do {
    const page = await server.admin.call('listSecurityEvents', {
      query: {
        tenant: other.id,
        sqlState: '42501',
        source: 'lane',
        kind: 'denied',
        from,
        limit: 40,
        ...(cursor ? { cursor } : {}),
      },
    });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
    total = page.total;
  } while (cursor !== undefined);
  expect(seen.length).toBe(total);
  expect(new Set(seen).size).toBe(total);
  expect(total).toBeGreaterThan(90);
  expect(await listed({ tenant: other.id, to: from })).toEqual([]);
  expect(await listed({ tenant: other.id, sqlState: '28P01' })).toEqual([]);
  expect(await listed({ tenant: other.id, source: 'log' })).toEqual([]);
  expect(await listed({ tenant: 'nobody' })).toEqual([]);
  const query = { cursor: 'nonsense' };
  expect((await problemOf(server.admin.call('listSecurityEvents', { query }))).code).toBe('CURSOR_INVALID');
});

describe('who may', () => {
  test('an application can report, and nothing else', async () => {
    expect((await problemOf(runtime.call('listSecurityEvents', {}))).code).toBe('FORBIDDEN');
    for (const role of ['operator', 'auditor', 'developer'] as const) {
      const client = await server.as(role);
      const body = { report: randomUUID(), source: 'lane' as const, events: [], dropped: 0 };
      expect((await problemOf(client.call('reportSecurityEvents', { body }))).code).toBe('FORBIDDEN');
      const list = client.call('listSecurityEvents', {});
      if (role === 'developer') expect((await problemOf(list)).code).toBe('FORBIDDEN');
      else expect((await list).items.length).toBeGreaterThan(0);
    }
  });

  test('a tenant sees its own, in the list and on the stream', async () => {
    const client = await server.as('tenant', acme.id);
    const own = await client.call('listSecurityEvents', { query: { limit: 100 } });
    expect(own.items.length).toBeGreaterThan(0);
    expect(new Set(own.items.map(({ tenantId }) => tenantId))).toEqual(new Set([acme.id]));
    expect((await client.call('listSecurityEvents', { query: { tenant: other.id } })).items).toEqual([]);
    const stream = await listen(client, { topics: 'security' });
    await report([event({ tenantId: other.id }), event({ tenantId: null })]);
    await report([event({ fingerprint: 'dddddddddddddddd' })]);
    await stream.until(({ data }) => JSON.stringify(data).includes('dddddddddddddddd'));
    await stream.close();
    expect(new Set(stream.received.map(({ data }) => data.data?.['tenantId']))).toEqual(new Set([acme.id]));
  });

  test('the topic takes the permission', async () => {
    const developer = await server.as('developer');
    const { status } = await send(server, '/v1/events?topics=security', {
      token: await tokenOf('developer'),
    });
    expect(status).toBe(403);
    const stream = await listen(developer, { topics: `tenant:${acme.id}` });
    await report([event({ fingerprint: 'eeeeeeeeeeeeeeee' })]);
    await server.admin.call('updateTenant', { params: { tenant: acme.id }, body: { name: 'Acme' } });
    await stream.until(({ event: type }) => type.startsWith('tenant.'));
    await stream.close();
    expect(stream.received.filter(({ event: type }) => type === 'security.events')).toEqual([]);
  });
});

async function tokenOf(role: 'developer' | 'runtime'): Promise<string> {
  return (await server.admin.call('createKey', { body: { name: role, role } })).token;
}

test('what is not understood is refused whole', async () => {
  const token = await tokenOf('runtime');
  const good = { report: randomUUID(), source: 'lane', events: [event()], dropped: 0 };
  const tries: readonly (readonly [string, object])[] = [
    ['a text of a statement', { ...good, events: [{ ...event(), statement: 'SELECT 1' }] }],
    ['a fingerprint that is a text', { ...good, events: [event({ fingerprint: 'SELECT secret' })] }],
    ['a kind that is none', { ...good, events: [{ ...event(), kind: 'other' }] }],
    ['a source that is ours', { ...good, source: 'control-plane' }],
    ['a count of nothing', { ...good, events: [event({ count: 0 })] }],
    ['too many', { ...good, events: Array.from({ length: 201 }, () => event()) }],
    ['no report id', { ...good, report: 'x' }],
  ];
  for (const [what, body] of tries) {
    const answer = await send(server, '/v1/security-events', { method: 'POST', token, body });
    expect([what, answer.status]).toEqual([what, 400]);
  }
  const large = { ...good, events: [{ ...event(), tenantId: 'x'.repeat(100 * 1024) }] };
  expect((await send(server, '/v1/security-events', { method: 'POST', token, body: large })).status).toBe(
    413,
  );
});

test('times that are no clock’s are refused in a list; the first and the last year are not', async () => {
  for (const [time, status] of [
    ['2026-11-30T00:00:00+23:59', 400],
    ['2026-11-30T00:00:00-14:30', 400],
    ['9999-12-31T23:59:59-14:00', 400],
    ['0001-01-01T00:00:00+14:00', 400],
    ['9999-12-31T23:59:59.999Z', 200],
    ['0001-01-01T00:00:00z', 200],
    ['2026-11-30t00:00:00.123456+14:00', 200],
  ] as const) {
    for (const name of ['from', 'to']) {
      const query = new URLSearchParams({ [name]: time }).toString();
      const answer = await send(server, `/v1/security-events?${query}`);
      expect([name, time, answer.status]).toEqual([name, time, status]);
    }
  }
});

test('whoever reports without end is told to wait', async () => {
  await server.restart({ rateLimit: '40' });
  try {
    const client = createClient({ url: server.url, token: await tokenOf('runtime') });
    const codes: string[] = [];
    for (let i = 0; i < 41; i++) {
      const body = { report: randomUUID(), source: 'lane' as const, events: [], dropped: 0 };
      codes.push(
        await client.call('reportSecurityEvents', { body }).then(
          () => 'taken',
          (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
        ),
      );
    }
    expect(codes.filter((code) => code === 'taken').length).toBe(40);
    expect(codes.at(-1)).toBe('RATE_LIMITED');
  } finally {
    await server.restart();
    runtime = await server.as('runtime');
  }
});

test('an application that asks for a suspended tenant leaves a trace, and is told nothing', async () => {
  const closed = await provision(server, 'closed');
  await server.admin.call('suspendTenant', { params: { tenant: closed.id }, body: { reason: 'unpaid' } });
  const stream = await listen(server.admin, { topics: `security:${closed.id}` });
  for (const ref of [closed.id, 'closed']) {
    const problem = await problemOf(runtime.call('getPlacement', { params: { ref } }));
    expect(problem.code).toBe('TENANT_NOT_FOUND');
  }
  await problemOf(runtime.call('getPlacement', { params: { ref: 'never-was' } }));
  const told = await stream.until(({ event: type }) => type === 'security.events');
  await stream.close();
  expect(told.data.data).toMatchObject({ events: [{ kind: 'tenant-closed', source: 'control-plane' }] });
  await expect.poll(async () => (await listed({ tenant: closed.id }))[0]?.count).toBe(2);
});

test('old ones are forgotten', async () => {
  await server.superuser.query(`
    INSERT INTO tenantry.security_events (minute, kind, source, count, first_at, last_at)
    SELECT m, 'denied', 'log', 1, m, m FROM (SELECT date_trunc('minute', now()) - interval '31 days' AS m) x`);
  const { forgetSecurityEvents } = await import('../../src/security/forget.ts');
  const { openControlDatabase } = await import('../../src/db/database.ts');
  const control = openControlDatabase(server.controlUrl, 1);
  try {
    const before = await listed({});
    await forgetSecurityEvents(control.db, 30 * 86_400);
    const { rows } = await server.superuser.query(
      `SELECT FROM tenantry.security_events WHERE minute < now() - interval '30 days'`,
    );
    expect(rows).toEqual([]);
    expect((await listed({})).length).toBe(before.length);
  } finally {
    await control.close();
  }
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectIsolated,
  IsolationError,
  startTestTenants,
  type IsolationOptions,
  type Route,
  type TestTenant,
  type TestTenants,
} from '../../src/testing/index.ts';
import { as, correctApp, leakyApps, routes, schema, trustingApp } from './apps.ts';

let tenants: TestTenants;
beforeAll(async () => {
  tenants = await startTestTenants({ schema, spares: 2 });
});
afterAll(() => tenants?.stop());

async function failureOf(options: IsolationOptions): Promise<IsolationError> {
  const failure: unknown = await expectIsolated(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(IsolationError);
  return failure as IsolationError;
}

test('an application that keeps its tenants apart passes, and the report says what was done', async () => {
  const app = correctApp(tenants);
  const report = await expectIsolated({
    tenants: await tenants.pair(),
    send: (request) => app.fetch(request),
    as,
    routes,
  });
  expect(report.requests).toBeGreaterThan(250);
  expect(report.tables).toEqual(['notes', 'notes_id_seq', 'tags']);
  expect(report.routes.map(({ route }) => route)).toEqual(routes);
  expect(report.routes.slice(0, 2)).toMatchObject([{ sawOwn: true }, { sawOwn: true }]);
  // Of each caller's requests two name the other by x-tenant and are refused; the third is OPTIONS.
  expect(report.routes[0]!.statuses).toMatchObject({ 200: expect.any(Number) as number, 404: 6 });
});

describe('mistakes that people make', () => {
  test.each(Object.keys(leakyApps))('%s', async (name) => {
    const two = await tenants.pair();
    const { app, close } = leakyApps[name]!(tenants, two);
    try {
      const failure = await failureOf({ tenants: two, send: (request) => app.fetch(request), as, routes });
      expect(failure.code, failure.message).toBe('ISOLATION_BROKEN');
      const [finding] = failure.findings;
      expect(['leak', 'write']).toContain(finding!.kind);
      expect(failure.message).toContain(finding!.route);
      expect(two.map(({ slug }) => slug)).toContain(finding!.of);
      expect(failure).toMatchObject({ expected: [], actual: expect.arrayContaining([expect.any(String)]) });
    } finally {
      await close();
    }
  });
});

describe('a name that the request has already', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  test.each<[where: string, route: Route, cookie: string, nameIn: (request: Request) => unknown]>([
    [
      'in a form',
      { route: 'POST /notes', headers: form, body: ({ slug }: TestTenant) => `body=abc&tenant=${slug}` },
      '',
      async (request) => new URLSearchParams(await request.text()).get('tenant') ?? undefined,
    ],
    [
      'in a list',
      { route: 'POST /notes', body: [{ body: 'abc' }] },
      '',
      async (request) => ((await request.json()) as { tenantId?: string }[])[0]!.tenantId,
    ],
    [
      'in a cookie',
      { route: 'GET /notes' },
      'tenant',
      (request) => /(?:^|;)\s*tenant=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1],
    ],
    [
      'in the query',
      { route: 'GET /notes', query: { tenant: '' } },
      '',
      (request) => new URL(request.url).searchParams.get('tenant') || undefined,
    ],
  ])('%s, is put in its place', async (_, route, cookie, nameIn) => {
    const app = trustingApp(tenants, nameIn as (request: Request) => Promise<string | undefined>);
    const failure = await failureOf({
      tenants: await tenants.pair(),
      send: (request) => app.fetch(request),
      as: (tenant) => ({
        ...as(tenant),
        ...(cookie === '' ? {} : { cookie: `theme=dark; ${cookie}=${tenant.slug}` }),
      }),
      routes: [route],
      pairs: 1,
    });
    expect(failure.code, failure.message).toBe('ISOLATION_BROKEN');
  });

  test('in a cookie by which alone its caller is known, is left alone', async () => {
    const inner = correctApp(tenants);
    const report = await expectIsolated({
      tenants: await tenants.pair(),
      send(request) {
        const slug = /(?:^|;)\s*tenant=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
        return inner.fetch(new Request(request, { headers: { 'x-tenant': slug, 'x-user': slug } }));
      },
      as: ({ slug }) => ({ cookie: `theme=dark; tenant=${slug}` }),
      routes: ['GET /notes'],
      pairs: 1,
    });
    expect(report.skipped).toEqual(['cookie tenant: it alone says who calls']);
  });

  test('in a body that cannot be read, is said to be skipped', async () => {
    const app = trustingApp(tenants, () => undefined);
    const report = await expectIsolated({
      tenants: await tenants.pair(),
      send: (request) => app.fetch(request),
      as,
      routes: [{ route: 'POST /notes', body: '<note/>', headers: { 'content-type': 'text/xml' } }],
      pairs: 1,
    });
    expect(report.skipped).toEqual([
      'body of POST /notes: it is neither JSON nor a form, so no field was added to it',
    ]);
  });
});

describe('over the network', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const inner = correctApp(tenants);
    const app = new Hono();
    // Zipped, as it comes from behind a proxy.
    app.use(async (c, next) => {
      await next();
      if (!c.req.header('x-zip')) return;
      const headers = new Headers(c.res.headers);
      headers.set('content-encoding', 'gzip');
      headers.delete('content-length');
      c.res = new Response(gzipSync(Buffer.from(await c.res.arrayBuffer())), {
        status: c.res.status,
        headers,
      });
    });
    app.get('/host/notes', async (c) => {
      const slug = c.req.header('host')!.split('.')[0]!;
      const placement = await tenants.directory.find(slug);
      if (placement === undefined) return c.notFound();
      return c.json((await tenants.tenancy.for(placement.tenant).query('SELECT * FROM notes')).rows);
    });
    app.mount('/', inner.fetch);
    server = createServer(
      (request, response) => void getRequestListener(app.fetch)(request, response),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('an application passes', async () => {
    const report = await expectIsolated({
      tenants: await tenants.pair(),
      url,
      as: (tenant) => ({ ...as(tenant), 'x-zip': 'yes' }),
      routes: routes.slice(0, 3),
      pairs: 5,
    });
    expect(report.routes[0]!.sawOwn).toBe(true);
  });

  test('a host that anybody may send is caught, where somebody logs in', async () => {
    const failure = await failureOf({
      tenants: await tenants.pair(),
      url,
      as: (tenant) => ({ host: `${tenant.slug}.app.test`, authorization: `Bearer ${tenant.slug}` }),
      routes: ['GET /host/notes'],
      pairs: 1,
    });
    expect(failure.findings[0]).toMatchObject({ kind: 'leak', how: expect.stringContaining('header host') });
  });

  test('a host that is all that tells one caller from the other is not an attack', async () => {
    const report = await expectIsolated({
      tenants: await tenants.pair(),
      url,
      as: (tenant) => ({ host: `${tenant.slug}.app.test` }),
      routes: ['GET /host/notes'],
      pairs: 1,
    });
    expect(report.skipped).toEqual(['header host: it alone says who calls']);
  });
});

describe('a check that could not have failed is none', () => {
  const check = async (app: Hono, more: Partial<IsolationOptions>) =>
    failureOf({
      tenants: await tenants.pair(),
      send: (request: Request) => app.fetch(request),
      routes: ['GET /notes'],
      as,
      pairs: 1,
      ...more,
    } as IsolationOptions);

  test('a route that shows nothing of its caller', async () => {
    const failure = await check(
      new Hono().get('/notes', (c) => c.json([])),
      {},
    );
    expect(failure.code).toBe('ISOLATION_UNCHECKED');
    expect(failure.message).toContain('GET /notes as');
    expect(failure.message).toContain('control: false');
  });

  test('a write that is refused to its own caller', async () => {
    const app = new Hono().post('/notes', (c) => c.json({}, 400));
    const failure = await check(app, { routes: ['POST /notes'] });
    expect(failure).toMatchObject({ code: 'ISOLATION_UNCHECKED' });
    expect(failure.message).toContain('answered 400 to its own caller');
  });

  test('a form that sends its caller to the login, and one that has written something', async () => {
    const app = new Hono().post('/notes', (c) => c.redirect('/login', 303));
    expect(await check(app, { routes: ['POST /notes'] })).toMatchObject({ code: 'ISOLATION_UNCHECKED' });
    const inner = correctApp(tenants);
    const form = new Hono().post('/notes', async (c) => {
      const { status } = await inner.fetch(c.req.raw);
      return status === 200 ? c.redirect('/notes', 303) : c.body(null, 400);
    });
    const pair = await tenants.pair();
    const send = (request: Request) => form.fetch(request);
    await expectIsolated({ tenants: pair, send, as, routes: ['POST /notes'] });
  });

  test('a route that is nobody’s is let pass when it is said to be', async () => {
    const app = correctApp(tenants);
    await expectIsolated({
      tenants: await tenants.pair(),
      send: (request) =>
        new URL(request.url).pathname === '/health' ? new Response('ok') : app.fetch(request),
      as,
      pairs: 1,
      routes: ['GET /notes', { route: 'GET /health', control: false }],
    });
  });
});

describe('what cannot be called', () => {
  test.each([
    ['GET /planets/{id}', '{id} of GET /planets/{id}'],
    ['notes', 'is no route'],
  ])('%s', async (route, message) => {
    const two = await tenants.pair();
    const send = () => new Response('[]');
    await expect(expectIsolated({ tenants: two, send, routes: [route] })).rejects.toMatchObject({
      code: 'TESTING_OPTION',
      message: expect.stringContaining(message) as string,
    });
  });

  test('an application that does not answer is named', async () => {
    const two = await tenants.pair();
    const check = expectIsolated({
      tenants: two,
      send: () => new Promise<Response>(() => {}),
      routes: ['GET /notes'],
      timeoutMs: 50,
    });
    await expect(check).rejects.toMatchObject({
      code: 'TESTING_OPTION',
      message: expect.stringContaining('GET /notes got no answer') as string,
    });
  });

  test('the same tenant twice', async () => {
    const tenant = await tenants.create();
    const send = () => new Response();
    await expect(
      expectIsolated({ tenants: [tenant, tenant], send, routes: ['GET /'] }),
    ).rejects.toMatchObject({
      code: 'TESTING_OPTION',
    });
  });
});

test('tenants whose rows somebody else has put in are found in their tables', async () => {
  const two = [await tenants.create(), await tenants.create()] as const;
  for (const { tenant, canary } of two) {
    const { pool } = tenants.tenancy.for(tenant);
    await pool.query('INSERT INTO notes (id, body) VALUES (7, $1)', [`the ${canary}`]);
    await pool.query("INSERT INTO notes (id, body) VALUES (3, 'nothing')");
  }
  const app = correctApp(tenants);
  const report = await expectIsolated({
    tenants: two,
    send: (request) => app.fetch(request),
    as,
    pairs: 1,
    routes: ['GET /notes/{id}', 'DELETE /notes/:id'],
  });
  expect(report.routes[0]).toMatchObject({ sawOwn: true });
});

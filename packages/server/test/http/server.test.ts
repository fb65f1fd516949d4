import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints, type Endpoint, type Problem } from '@tenantry/contract';
import { isolationPassHeader } from '../../src/isolation/context.ts';
import { problemOf, send } from '../support/call.ts';
import { listen } from '../support/events.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

describe('every answer', () => {
  test.each(['/healthz', '/v1/me', '/v1/tenants/nobody', '/nowhere', '/openapi.json', '/v1/tenants?limit=0'])(
    '%s carries strict headers and a request id',
    async (path) => {
      const { headers } = await send(server, path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': expect.stringContaining('max-age='),
        'cache-control': 'no-store',
        'x-request-id': expect.stringMatching(/^req_[a-z2-7]{16}$/),
      });
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('a request id of the caller is kept when it is harmless, else replaced', async () => {
    const idOf = async (id: string) =>
      (await send(server, '/v1/me', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idOf('trace-1:a.b')).toBe('trace-1:a.b');
    expect(await idOf('<script>')).toMatch(/^req_/);
    expect(await idOf('a'.repeat(101))).toMatch(/^req_/);
  });
});

const json = (encoding: BufferEncoding) => Buffer.from('{"slug": "a-slug", "name": "Zoë"}', encoding);
const withBytes = (...bytes: number[]) =>
  Buffer.concat([Buffer.from('{"slug": "a-slug", "name": "'), Buffer.from(bytes), Buffer.from('"}')]);

async function sendBytes(type: string, body: Uint8Array<ArrayBuffer>) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': type };
  const response = await fetch(`${server.url}/v1/tenants`, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as Problem };
}

describe('problems', () => {
  test('have the form of RFC 9457', async () => {
    const { headers, body } = await send(server, '/v1/tenants/nobody');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toEqual({
      type: 'urn:tenantry:problem:TENANT_NOT_FOUND',
      title: 'There is no such tenant',
      status: 404,
      code: 'TENANT_NOT_FOUND',
      requestId: headers.get('x-request-id'),
    });
  });

  test('an unknown address and an unknown method are 404', async () => {
    expect(await send(server, '/v2/tenants')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await send(server, '/v1/tenants', { method: 'PUT' })).toMatchObject({ status: 404 });
    expect(await send(server, '/v1/../etc/passwd')).toMatchObject({ status: 404 });
  });

  const bodies: readonly [
    name: string,
    body: unknown,
    headers: Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ['broken JSON', '{"slug": ', {}, 400, 'VALIDATION'],
    ['two values', '{} {}', {}, 400, 'VALIDATION'],
    ['nothing, said to be JSON', '', {}, 400, 'VALIDATION'],
    ['null', 'null', {}, 400, 'VALIDATION'],
    ['a list', [], {}, 400, 'VALIDATION'],
    ['a text', '"slug"', {}, 400, 'VALIDATION'],
    ['a number', '1', {}, 400, 'VALIDATION'],
    ['a wrong type', { slug: 1 }, {}, 400, 'VALIDATION'],
    ['null as slug', { slug: null }, {}, 400, 'VALIDATION'],
    ['an object as slug', { slug: { toString: 'x' } }, {}, 400, 'VALIDATION'],
    ['an unknown field', { slug: 'a-slug', 'x\u0000y': 1 }, {}, 400, 'VALIDATION'],
    ['__proto__', '{"slug": "a-slug", "__proto__": {"admin": true}}', {}, 400, 'VALIDATION'],
    ['constructor', '{"slug": "a-slug", "constructor": {"prototype": {}}}', {}, 400, 'VALIDATION'],
    ['deeply nested lists', `${'['.repeat(5000)}${']'.repeat(5000)}`, {}, 400, 'VALIDATION'],
    ['XML', '<slug/>', { 'content-type': 'application/xml' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', 'slug', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form',
      'slug=a-slug',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['10 MB', { slug: 'a-slug', name: 'x'.repeat(10_000_000) }, {}, 413, 'BODY_TOO_LARGE'],
  ];
  test.each(bodies)('%s', async (_, body, headers, status, code) => {
    const before = await census(server);
    expect(await send(server, '/v1/tenants', { method: 'POST', body, headers })).toMatchObject({
      status,
      body: { code },
    });
    expect(await census(server)).toEqual(before);
  });

  const encodings: readonly [
    name: string,
    type: string,
    body: Uint8Array<ArrayBuffer>,
    status: number,
    code: string,
  ][] = [
    ['latin 1', 'application/json; charset=iso-8859-1', json('latin1'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['UTF-16', 'application/json; charset="UTF-16"', json('utf16le'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['latin 1 that says nothing', 'application/json', json('latin1'), 400, 'VALIDATION'],
    ['latin 1 that says UTF-8', 'application/json;charset=utf-8', json('latin1'), 400, 'VALIDATION'],
    ['half a surrogate pair', 'application/json', withBytes(0xed, 0xa0, 0x80), 400, 'VALIDATION'],
    [
      'nothing, in latin 1',
      'application/json; charset=latin1',
      Buffer.from(''),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ];
  test.each(encodings)('%s', async (_, type, body, status, code) => {
    const before = await census(server);
    const answer = await sendBytes(type, body);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.detail).toContain('UTF-8');
    expect(await census(server)).toEqual(before);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'application/json;charset="UTF8"'])(
    'every letter arrives as %s',
    async (type) => {
      const slug = `letters-${randomUUID().slice(0, 8)}`;
      const body = Buffer.from(`\uFEFF{"slug": "${slug}", "name": "Zoë 名 😀"}`);
      expect((await sendBytes(type, body)).status).toBe(202);
      const { name } = await server.admin.call('getTenant', { params: { tenant: slug } });
      expect(name).toBe('Zoë 名 😀');
    },
  );

  test('no body at all', async () => {
    expect(await send(server, '/v1/tenants', { method: 'POST' })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION' },
    });
    expect(await send(server, '/v1/tenants/nobody/suspend', { method: 'POST' })).toMatchObject({
      status: 404,
    });
  });

  test('a stranger is told 401 before his 10 MB are read', async () => {
    const answer = await send(server, '/v1/tenants', {
      method: 'POST',
      body: 'x'.repeat(10_000_000),
      token: null,
    });
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  test('all that is wrong is said, field by field', async () => {
    const { body } = await send(server, '/v1/tenants', {
      method: 'POST',
      body: { slug: 1, plan: 'A B', colour: 'red' },
    });
    const paths = body.errors?.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/slug', '/plan']));
    expect(JSON.stringify(body.errors)).toContain('colour');
  });

  test('what the database refused is not told to the caller', async () => {
    await server.superuser.query('ALTER TABLE tenantry.cells RENAME TO cells_away');
    try {
      const { status, body } = await send(server, '/v1/cells');
      expect(status).toBe(500);
      expect(body).toMatchObject({ code: 'INTERNAL' });
      expect(JSON.stringify(body)).not.toMatch(/cells_away|relation|42P01|select/i);
    } finally {
      await server.superuser.query('ALTER TABLE tenantry.cells_away RENAME TO cells');
    }
  });
});

test('OpenAPI 3.1 names every endpoint, its parameters and its problem', async () => {
  const { body } = await send<{
    openapi: string;
    paths: Record<
      string,
      Record<string, { operationId: string; responses: Record<string, unknown>; security: unknown }>
    >;
  }>(server, '/openapi.json', { token: null });
  expect(body.openapi).toMatch(/^3\.1\./);
  const described = Object.values(body.paths).flatMap((path) => Object.values(path));
  expect(described.map(({ operationId }) => operationId).toSorted()).toEqual(
    Object.keys(endpoints).toSorted(),
  );
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const { path, method, status } = endpoint;
    // A key, or the session of a browser; nothing where one signs in.
    const security = endpoint.public ? [] : [{ apiKey: [] }, { session: [] }];
    const operation = body.paths[path]?.[method.toLowerCase()];
    expect(operation, name).toMatchObject({ operationId: name, security });
    expect(Object.keys(operation?.responses ?? {})).toEqual(
      expect.arrayContaining([String(status), 'default']),
    );
  }
});

test('/metrics counts tenants by state and requests by route, and names no tenant', async () => {
  const tenant = await provision(server, 'measured');
  const { status, headers, body } = await send<string>(server, '/metrics', { token: null });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(body).toMatch(/^tenantry_tenants\{state="active"\} [1-9]/m);
  expect(body).toMatch(
    /tenantry_http_request_duration_seconds_count\{method="POST",route="\/v1\/tenants",status="202"\} \d/,
  );
  expect(body).toMatch(/^tenantry_spares 0$/m);
  expect(body).not.toContain(tenant.id);
  expect(body).not.toContain('measured');
});

test('health needs no key and no database; readiness needs the database', async () => {
  for (const path of ['/healthz', '/readyz']) {
    expect(await send(server, path, { token: null })).toMatchObject({ status: 200 });
  }
  await server.postgres.kill();
  try {
    expect(await send(server, '/healthz', { token: null })).toMatchObject({ status: 200 });
    for (const path of ['/readyz', '/v1/tenants']) {
      expect(await send(server, path)).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
    }
  } finally {
    await server.postgres.restart();
  }
  expect(await send(server, '/v1/tenants')).toMatchObject({ status: 200 });
});

test('the rate limit counts a key by itself, says how long to wait, and leaves health alone', async () => {
  await server.restart({ rateLimit: '20' });
  try {
    const other = await server.as('developer');
    const statuses: number[] = [];
    for (let i = 0; i < 25; i++) statuses.push((await send(server, '/v1/me')).status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
    const refused = await send(server, '/v1/me');
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await other.call('getMe', {})).toMatchObject({ role: 'developer' });
    for (let i = 0; i < 30; i++) expect((await send(server, '/healthz', { token: null })).status).toBe(200);
    // Without a valid key it is the address that counts.
    const strangers: number[] = [];
    for (let i = 0; i < 25; i++)
      strangers.push((await send(server, '/v1/me', { token: `guess-${i}` })).status);
    expect(strangers.at(-1)).toBe(429);
  } finally {
    await server.restart();
  }
});

test('a guessed pass of the isolation probes lifts no rate limit', async () => {
  await server.restart({ rateLimit: '20' });
  try {
    const statuses: number[] = [];
    for (let i = 0; i < 25; i++) {
      const headers = { [isolationPassHeader]: 'a'.repeat(32) };
      statuses.push((await send(server, '/v1/me', { token: null, headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  } finally {
    await server.restart();
  }
});

test('a large answer in JSON is compressed for who asks for it; a stream of events is not', async () => {
  const gzip = { headers: { 'accept-encoding': 'gzip' } };
  const page = await send<{ openapi: string }>(server, '/openapi.json', gzip);
  expect([page.headers.get('content-encoding'), page.body.openapi]).toEqual(['gzip', '3.1.0']);
  const plain = await send(server, '/openapi.json', { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect((await send(server, '/v1/me', gzip)).headers.get('content-encoding')).toBeNull();
  const end = new AbortController();
  const stream = await fetch(`${server.url}/v1/events`, {
    headers: { ...gzip.headers, authorization: `Bearer ${server.token}` },
    signal: end.signal,
  });
  expect([stream.status, stream.headers.get('content-encoding')]).toEqual([200, null]);
  end.abort();
});

describe('a shutdown', () => {
  test('ends streams, waits for no connection that carries nothing, and is over soon', async () => {
    const stream = await listen(server.admin);
    const { port } = new URL(server.url);
    const silent = connect(Number(port), '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => silent.once('connect', resolve));
    const startedAt = Date.now();
    await server.restart();
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    await stream.ended;
    silent.destroy();
    expect(await send(server, '/readyz')).toMatchObject({ status: 200 });
  });

  test('lets a request that is being answered come to its end', async () => {
    const blocker = await server.superuser.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE tenantry.tenants IN ACCESS EXCLUSIVE MODE');
    const answer = server.admin.call('listTenants', {});
    for (;;) {
      const { rowCount } = await server.superuser.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'tenantry.tenants'::regclass`,
      );
      if (rowCount) break;
    }
    const restarted = server.restart();
    await blocker.query('COMMIT');
    blocker.release();
    expect(await answer).toMatchObject({ items: expect.any(Array) });
    await restarted;
  });

  test('requests that come at that moment are answered, told so as a problem, or cut off', async () => {
    await send(server, '/v1/me');
    const restarted = server.restart();
    const requests = Array.from({ length: 20 }, () => send(server, '/v1/me'));
    for (const answer of await Promise.allSettled(requests)) {
      if (answer.status === 'rejected') continue;
      const { status, body } = answer.value;
      if (status !== 200) expect({ status, code: body.code }).toEqual({ status: 503, code: 'SHUTTING_DOWN' });
    }
    await restarted;
  });

  test('a provisioning that runs is finished before, or after the next start', async () => {
    await files.write({ 'V3__wait.sql': 'SELECT pg_sleep(0.5);\n' });
    const { operation } = await server.admin.call('createTenant', { body: { slug: 'across' } });
    await server.restart();
    expect(await server.finished(operation.id)).toMatchObject({ state: 'succeeded' });
    await files.remove('V3__wait.sql');
  });
});

test('a token that is refused names no reason to a client either', async () => {
  const problem = await problemOf(
    server.admin.call('getMe', { headers: { authorization: 'Bearer tnt_aaaaaaaaaaaa_nonsense' } }),
  );
  expect(problem).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
});

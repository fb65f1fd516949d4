import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../../src/adapters/pg.ts';
import { controlPlaneDirectory, staticDirectory, type Directory } from '../../src/directory/index.ts';
import {
  apiKey,
  customDomain,
  everybody,
  header,
  nodeRequest,
  path,
  subdomain,
  tenantResolver,
  type TenantSource,
} from '../../src/resolve/index.ts';
import { jwtClaim } from '../../src/resolve/jwt.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { codeOf } from '../support/open.ts';
import { createTenancy, type Tenancy, type TenantId } from '../support/tenancy.ts';
import { startNaive, type Naive } from './naive.ts';

/** "`getDb('x,tenant_b')` read tenant B, and `'z"; create table …'` ran." */
let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
let directory: Directory;
let tenancy: Tenancy;
let naive: Naive;
let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
/** A control plane that has every tenant, by whatever name. */
let plane: Server;
const asked: string[] = [];

beforeAll(async () => {
  cell = await startTestCell({ tenants: 2 });
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  naive = await startNaive(cell);
  directory = staticDirectory(cell.placements());
  tenancy = createTenancy({ directory, credentialKey: cell.credentialKey, pool: { maximumPoolSize: 2 } });
  keys = await generateKeyPair('ES256');
  plane = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(cell.placement(b)));
  });
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await tenancy?.close();
  await naive?.pool.end();
  plane?.close();
  await cell?.stop();
});

/** Names that read B, or run, in one library or another. `$a` and `$b` are ids. */
const hostile: readonly string[] = [
  'x,$b',
  '$a,$b',
  '$a, $b',
  'x, "$b"',
  '"$b"',
  '$b"',
  "$b'",
  "'$b'",
  'z"; create table public.evil (); --',
  "z'; create table public.evil (); --",
  '$b; create table public.evil ()',
  '$b;',
  '$b--',
  '$b/**/',
  '$b.notes',
  '$b$q$',
  '$b\\',
  '$b ',
  ' $b',
  '\t$b',
  '$b\n',
  '$b\r\nx-tenant: $b',
  '$b\u0000',
  '$b%00',
  '%74%5f$b',
  '../$b',
  '$a/../$b',
  '$b?x=1',
  '$b#x',
  '$b@$a',
  '*',
  '%',
  '$b_owner',
  'public',
  'pg_catalog',
  'pg_toast',
  'information_schema',
  'extensions',
  '"$user"',
  'current_user',
  'none',
  'tenantry_control',
  'tenantry_slot_1',
  'postgres',
  'template1',
  '',
  '.',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  // Fullwidth t, Cyrillic a, a combining mark, a letter that becomes two.
  '\uff54_aaaaaaaaaaaa',
  't_\u0430aaaaaaaaaaa',
  '$b\u0301',
  't_\u00dfaaaaaaaaaaa',
  // Longer than the 63 bytes to which PostgreSQL cuts a name.
  `$b${'a'.repeat(64)}`,
  'a'.repeat(64),
  '\u00e4'.repeat(32),
  `x,$b${' '.repeat(200)}`,
];
const fill = (text: string): string => text.replaceAll('$a', a.id).replaceAll('$b', b.id);

/** What cannot be sent there: Node refuses it, or it is a name and more of an address behind it. */
const isNotSent = (entry: string, text: string): boolean =>
  entry === 'a path, as it is'
    ? /^\$[ab][/?#]/.test(text)
    : /^a (?:header|.*domain)/.test(entry) && /[^\t\x20-\x7e\x80-\xff]/.test(text);

const refusals: ReadonlySet<string> = new Set([
  'TENANT_NOT_FOUND',
  'TENANT_SOURCE_INVALID',
  'TENANT_CONTEXT_MISSING',
  // An answer that is not to what was asked.
  'TENANCY_CONTROL_PLANE',
]);
const read = 'SELECT string_agg(body, $$,$$) AS bodies, current_schema() AS schema FROM notes';

const through = (source: TenantSource, url: string, ...headers: string[]): Promise<unknown> =>
  tenantResolver({ directory, sources: [source], membership: everybody, refusalGrid: 1 })
    .resolve(nodeRequest({ url, rawHeaders: headers }))
    .then(({ tenant }) => tenancy.for(tenant).query(read));

/** Every door at which a name comes in; each gives what B has if it lets it through. */
const entries: Readonly<Record<string, (ref: string) => Promise<unknown>>> = {
  'tenancy.for': async (ref) => tenancy.for(ref as TenantId).query(read),
  'tenancy.for, a transaction': async (ref) =>
    tenancy.for(ref as TenantId).transaction((tx) => tx.query(read)),
  'tenancy.for, a client': async (ref) =>
    withClient(tenancy.for(ref as TenantId), (client) => client.query(read)),
  'tenancy.run': async (ref) => tenancy.run(ref as TenantId, () => tenancy.pool.query(read)),
  'tenancy.restore': async (ref) =>
    tenancy.restore({ tenant: ref as TenantId }, () => tenancy.pool.query(read)),
  'tenancy.resolve': async (ref) => tenancy.for(await tenancy.resolve(ref)).query(read),
  'a header': (ref) => through(header(), '/', 'x-tenant', ref),
  'a subdomain': (ref) => through(subdomain({ of: 'app.test' }), '/', 'host', `${ref}.app.test`),
  'a custom domain': (ref) => through(customDomain({ except: 'app.test' }), '/', 'host', `${ref}.test`),
  'a path': (ref) => through(path('/t'), `/t/${encodeURIComponent(ref)}/notes`),
  'a path, as it is': (ref) => through(path('/t'), `/t/${ref}/notes`),
  'the claim of a token': async (ref) => {
    const token = await new SignJWT({ tenant: ref })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('issuer')
      .setAudience('api')
      .setExpirationTime('1m')
      .sign(keys.privateKey);
    const source = jwtClaim({
      jwks: () => Promise.resolve(keys.publicKey),
      issuer: 'issuer',
      audience: 'api',
      algorithms: ['ES256'],
    });
    return through(source, '/', 'authorization', `Bearer ${token}`);
  },
  'the owner of an API key': (ref) =>
    through(apiKey({ lookup: () => ({ tenant: ref }) }), '/', 'x-api-key', 'key'),
  'a control plane that has every name': async (ref) => {
    const { port } = plane.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const of = controlPlaneDirectory({ url, token: 'token', credentialKey: cell.credentialKey });
    try {
      const found = await of.find(ref);
      if (found === undefined) throw Object.assign(new Error('unknown'), { code: 'TENANT_NOT_FOUND' });
      return await tenancy.for(found.tenant).query(read);
    } finally {
      await of.close();
    }
  },
};

/** All that a statement could have changed. */
async function state(): Promise<unknown> {
  const { rows } = await cell.superuser.query(`
    SELECT (SELECT array_agg(oid::regclass::text ORDER BY oid) FROM pg_class WHERE oid > 16384 AND relkind = 'r') AS tables,
           (SELECT array_agg(rolname ORDER BY oid) FROM pg_roles) AS roles,
           (SELECT count(*) FROM ${a.id}.notes) AS of_a, (SELECT count(*) FROM ${b.id}.notes) AS of_b`);
  return rows[0];
}

describe.each(Object.entries(entries))('%s', (name, enter) => {
  test('no name but its own reaches a tenant, and none is run', async () => {
    const before = await state();
    for (const text of hostile) {
      if (isNotSent(name, text)) continue;
      const code = await codeOf(enter(fill(text)));
      expect(refusals, `${JSON.stringify(text)} gave ${code}`).toContain(code);
    }
    expect(await state()).toEqual(before);
  });

  test('the name of a tenant does', async () => {
    const named = name.startsWith('tenancy.') && name !== 'tenancy.resolve' ? b.id : b.slug;
    const ref = name === 'a custom domain' ? 'unknown' : named;
    const expected = name === 'a custom domain' ? 'TENANT_NOT_FOUND' : 'no error';
    expect(await codeOf(enter(ref))).toBe(expected);
  });
});

test('the control plane was asked for nothing but what could be a name', () => {
  for (const url of asked) expect(url).toMatch(/^\/v1\/[a-z]+\/(?:[a-z0-9_-]{1,63}|domain%3A[a-z0-9.-]+)$/);
});

test('whatever is put around the id of another tenant', async () => {
  const around = fc.string({ unit: fc.constantFrom(...Array.from(`,;'"-/* \\\0\n.%t_a2`)), maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      around,
      around,
      fc.constantFrom('tenancy.for', 'tenancy.run', 'tenancy.resolve', 'the owner of an API key'),
      async (before, after, entry) => {
        fc.pre(before + after !== '');
        expect(refusals).toContain(await codeOf(entries[entry]!(before + b.id + after)));
      },
    ),
    { numRuns: 200 },
  );
});

test('what is no text is no name, whatever it becomes as one', async () => {
  for (const ref of [
    [b.id],
    { toString: () => b.id },
    new String(b.id),
    7,
    null,
    undefined,
    Symbol('b'),
    NaN,
  ]) {
    for (const entry of ['tenancy.for', 'tenancy.run', 'tenancy.restore', 'tenancy.resolve'] as const) {
      const code = await codeOf(entries[entry]!(ref as never));
      if (!code.startsWith('TypeError'))
        expect(refusals, `${entry} of ${typeof ref} gave ${code}`).toContain(code);
    }
  }
});

describe.each(['sealed', 'leased'] as const)('lane %s', (lane) => {
  test.each([
    ['with a comma', 'x,$b'],
    ['with quotes', `x", "$b`],
    ['that ends its setting', `x -c role=$b -c search_path=$b`],
    ['with a backslash', `x\\ -c search_path=$b`],
    ['of another tenant', '$b'],
    ['of nobody', 'public'],
  ])('an adopted schema %s is one name, and opens nothing', async (_what, text) => {
    const placement = { ...cell.placement(a), schema: fill(text) };
    const of = createTenancy({
      directory: staticDirectory([placement]),
      credentialKey: cell.credentialKey,
      lane,
    });
    try {
      expect(await codeOf(of.for(a.id).query(read))).toBe('42P01');
      const { rows } = await of.for(a.id).query('SELECT current_user AS me');
      expect(rows).toEqual([{ me: a.id }]);
    } finally {
      await of.close();
    }
  });
});

test('control: put into a statement, such a name reads B, or runs', async () => {
  expect(JSON.stringify((await naive.query(fill('x,$b'), read)).rows)).toContain(b.canary);
  await naive.query('z; create table public.evil ()', 'SELECT 1');
  expect((await cell.superuser.query(`SELECT to_regclass('public.evil')::text AS evil`)).rows).toEqual([
    { evil: 'public.evil' },
  ]);
  await cell.superuser.query('DROP TABLE public.evil');
  // Quoting helps against the one and not against the other.
  await naive.queryOnTwo('z"; create table public.evil (); --', 'SELECT 1');
  expect((await cell.superuser.query(`SELECT to_regclass('public.evil')::text AS evil`)).rows).toEqual([
    { evil: 'public.evil' },
  ]);
  await cell.superuser.query('DROP TABLE public.evil');
});

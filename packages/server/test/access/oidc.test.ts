import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Me, SignedOut, SignInWays, Tenant } from '@tenantry/contract';
import { openBrowser, type Browser, type BrowserAnswer } from '../support/browser.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startProvider, type TestProvider } from '../support/oidc.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

const people = [
  { sub: 'ada', email: 'ada@example.com', groups: ['staff', 'platform'] },
  { sub: 'sam', email: 'sam@example.com', groups: ['security'] },
  { sub: 'both', email: 'both@example.com', groups: ['security', 'platform'] },
  { sub: 'tess', name: 'Tess <b>of Acme</b>', groups: ['acme-admins'] },
  { sub: 'carl', email: 'carl@example.com', groups: ['customers'], tenant: 'globex' },
  { sub: 'lost', email: 'lost@example.com', groups: ['customers'], tenant: 'no-such-tenant' },
  { sub: 'mallory', email: 'mallory@example.com', groups: ['staff'] },
  { sub: 'none', email: 'none@example.com' },
  { sub: 'odd', email: 'odd@example.com', groups: { platform: true } },
];

let files: MigrationFiles;
let server: TestServer;
let provider: TestProvider;
let acme: Tenant;
let next = 'ada';
beforeAll(async () => {
  const port = await freePort();
  const own = `http://127.0.0.1:${port}`;
  provider = await startProvider({
    people,
    next: () => next,
    redirectUri: () => `${own}/auth/oidc/callback`,
  });
  files = await migrationFiles();
  server = await startTestServer({
    migrations: files.path,
    port: String(port),
    publicUrl: own,
    oidcIssuer: provider.issuer,
    oidcClientId: provider.clientId,
    oidcClientSecret: provider.clientSecret,
    oidcRoleMap: 'platform=admin,security=auditor,acme-admins=tenant:acme,customers=tenant',
    oidcName: 'the test',
  });
  acme = await provision(server, 'acme');
  await provision(server, 'globex');
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
  await files?.clean();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The cookies of the provider, kept apart as a browser keeps them by host and port. */
async function follow(provider_: Browser, from: string): Promise<string> {
  let url = from;
  for (let hop = 0; hop < 10; hop += 1) {
    if (!url.startsWith(provider.issuer)) return url;
    const answer = await provider_.send<string>(url);
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`${url} led nowhere: ${answer.status} ${answer.body}`);
    url = new URL(location, provider.issuer).href;
  }
  throw new Error('Too many redirects');
}

/** Begins at the console, goes through the provider, and comes back: to the address of the callback, not yet asked. */
async function comeBack(browser: Browser, who: string, returnTo = '/tenants?state=active'): Promise<string> {
  next = who;
  const begun = await browser.send(`/auth/oidc?returnTo=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(302);
  return follow(openBrowser({ url: provider.issuer }), begun.headers.get('location') ?? '');
}

async function signIn(
  who: string,
  returnTo?: string,
): Promise<Browser & { readonly answer: BrowserAnswer<string> }> {
  const browser = openBrowser(server);
  const back = await comeBack(browser, who, returnTo);
  const answer = await browser.send<string>(back);
  if (answer.status === 303) browser.csrfToken = (await browser.send<Me>('/v1/me')).body.session?.csrfToken;
  return Object.assign(browser, { answer });
}

test('the console is told that there is such a way', async () => {
  const { body } = await openBrowser(server).send<SignInWays>('/v1/sign-in');
  expect(body).toEqual({ apiKey: true, oidc: { name: 'the test', path: 'auth/oidc' } });
});

describe('somebody whose claims give a role', () => {
  test('is signed in, comes back to where they were, and is the actor of what they do', async () => {
    const browser = await signIn('ada');
    expect(browser.answer.headers.get('location')).toBe('/tenants?state=active');
    expect((await browser.send<Me>('/v1/me')).body).toMatchObject({
      actor: { kind: 'user', id: 'user:ada', name: 'ada@example.com' },
      role: 'admin',
      tenantId: null,
      session: { method: 'oidc' },
    });
    const suspended = await browser.send('/v1/tenants/acme/suspend', { method: 'POST', body: {} });
    expect(suspended.status).toBe(200);
    await server.admin.call('resumeTenant', { params: { tenant: 'acme' }, body: {} });
    const [event] = (await auditOf(server, { action: 'tenant.suspend' })).slice(-1);
    expect(event).toMatchObject({ actor: { kind: 'user', id: 'user:ada', name: 'ada@example.com' } });
    const [created] = (await auditOf(server, { action: 'session.create' })).slice(-1);
    expect(created).toMatchObject({ actor: { kind: 'user', id: 'user:ada' }, after: { method: 'oidc' } });
  });

  test('has that role and no other', async () => {
    const browser = await signIn('sam');
    expect((await browser.send<Me>('/v1/me')).body.role).toBe('auditor');
    expect((await browser.send('/v1/audit')).status).toBe(200);
    const refused = await browser.send('/v1/tenants', { method: 'POST', body: { slug: 'x' } });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(refused.body.detail).toContain('tenants:write');
  });

  test('of two groups, the one that comes first in the map counts', async () => {
    expect((await (await signIn('both')).send<Me>('/v1/me')).body.role).toBe('admin');
  });

  test.each([
    ['by the map', 'tess', 'acme', 'globex'],
    ['by a claim', 'carl', 'globex', 'acme'],
  ])('of one tenant, %s, sees that tenant', async (_, who, own, other) => {
    const browser = await signIn(who);
    expect((await browser.send<Me>('/v1/me')).body).toMatchObject({ role: 'tenant' });
    expect((await browser.send(`/v1/tenants/${own}`)).status).toBe(200);
    expect((await browser.send(`/v1/tenants/${other}`)).status).toBe(404);
    const { body } = await browser.send<{ items: { slug: string }[] }>('/v1/tenants');
    expect(body.items.map(({ slug }) => slug)).toEqual([own]);
  });
});

describe('somebody whose claims give none', () => {
  test.each(['mallory', 'none', 'odd', 'lost'])(
    '%s is refused, with a page that says what to do',
    async (who) => {
      const { answer, cookies } = await signIn(who);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(answer.body).toContain('You have no access to this console');
      expect(answer.body).toContain(`${who}@example.com`);
      expect([...cookies.keys()].filter((name) => name.includes('session'))).toEqual([]);
      const [event] = (await auditOf(server, { action: 'session.create', outcome: 'denied' })).slice(-1);
      expect(event).toMatchObject({ actor: { kind: 'user', id: `user:${who}` }, outcome: 'denied' });
    },
  );
});

describe('a way back that is not what it should be', () => {
  const refused = (answer: BrowserAnswer<string>, status: number, title: string, browser: Browser) => {
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(title);
    expect([...browser.cookies.keys()].filter((name) => name.includes('session'))).toEqual([]);
  };

  test('the provider said no: what it said is not shown', async () => {
    const browser = openBrowser(server);
    const back = await comeBack(browser, 'nobody');
    const answer = await browser.send<string>(back);
    refused(answer, 403, 'The sign-in was refused', browser);
    expect(answer.body).not.toContain('a secret of the provider');
  });

  test('another browser than the one that began', async () => {
    const back = await comeBack(openBrowser(server), 'ada');
    const thief = openBrowser(server);
    refused(await thief.send<string>(back), 400, 'This sign-in is too old', thief);
  });

  test('a second time', async () => {
    const browser = openBrowser(server);
    const back = await comeBack(browser, 'ada');
    const kept = new Map(browser.cookies);
    expect((await browser.send(back)).status).toBe(303);
    const again = openBrowser(server);
    for (const [name, value] of kept) (again.cookies as Map<string, string>).set(name, value);
    refused(await again.send<string>(back), 502, 'The sign-in did not work', again);
  });

  test.each([
    ['another state', (url: URL) => url.searchParams.set('state', 'x')],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['another code', (url: URL) => url.searchParams.set('code', 'x')],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['an error made up', (url: URL) => (url.search = '?error=<script>alert(1)</script>')],
    ['nothing', (url: URL) => (url.search = '')],
  ])('%s', async (_, change) => {
    const browser = openBrowser(server);
    const url = new URL(await comeBack(browser, 'ada'));
    change(url);
    const answer = await browser.send<string>(url.href);
    refused(answer, 502, 'The sign-in did not work', browser);
    expect(answer.body).not.toContain('<script');
  });

  test('a cookie that somebody made up', async () => {
    const browser = openBrowser(server);
    const back = await comeBack(browser, 'ada');
    const [name = ''] = browser.cookies.keys();
    (browser.cookies as Map<string, string>).set(name, Buffer.from('{"state":"x"}').toString('base64url'));
    refused(await browser.send<string>(back), 400, 'This sign-in is too old', browser);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
  ])('afterwards to %s leads to the console instead', async (returnTo) => {
    const { answer } = await signIn('ada', returnTo);
    expect(answer.headers.get('location')).toBe('/');
  });
});

test('signing out leads to the provider, which ends its session as well and sends the browser home', async () => {
  const browser = await signIn('ada');
  const { body } = await browser.send<SignedOut>('/v1/session', { method: 'DELETE' });
  const url = new URL(body.redirectTo ?? '');
  expect(url.origin).toBe(provider.issuer);
  expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${server.url}/`);
  expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
  expect((await browser.send('/v1/me')).status).toBe(401);
  const { rows } = await server.superuser.query(
    `SELECT count(*)::int AS kept FROM tenantry.sessions WHERE ended_at IS NOT NULL AND id_token IS NOT NULL`,
  );
  expect(rows).toEqual([{ kept: 0 }]);
});

test('who is mapped to a tenant that was purged is refused', async () => {
  await server.admin.call('deleteTenant', { params: { tenant: acme.id }, body: {} });
  const params = { tenant: acme.id };
  const { operation } = await server.admin.call('purgeTenant', {
    params,
    body: { confirm: acme.id, force: true },
  });
  expect((await server.finished(operation.id)).state).toBe('succeeded');
  const { answer } = await signIn('tess');
  expect(answer.status).toBe(403);
  // Their own name for themselves is text, not markup.
  expect(answer.body).toContain('Tess &#60;b&#62;of Acme');
});

test('a provider that is away: a page says so, and keys still work', async () => {
  const other = await startTestServer({
    oidcIssuer: 'http://127.0.0.1:1',
    oidcClientId: 'x',
    oidcRoleMap: 'a=admin',
  });
  try {
    const browser = openBrowser(other);
    const answer = await browser.send<string>('/auth/oidc');
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('The provider cannot be reached');
    expect(answer.body).not.toContain('ECONNREFUSED');
    expect((await browser.signIn({ apiKey: other.token })).status).toBe(201);
  } finally {
    await other.stop();
  }
});

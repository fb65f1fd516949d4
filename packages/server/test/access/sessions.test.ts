import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Me, SessionList, SignInCode } from '@tenantry/contract';
import { openBrowser, type Browser } from '../support/browser.ts';
import { send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

async function signedIn(apiKey = server.token): Promise<Browser & { readonly id: string }> {
  const browser = openBrowser(server);
  const { status, body } = await browser.signIn({ apiKey });
  expect(status).toBe(201);
  return Object.assign(browser, { id: body.session!.id });
}

async function keyOf(
  role: string,
  rest: object = {},
): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await send<{ key: { id: string }; token: string }>(server, '/v1/keys', {
    method: 'POST',
    body: { name: `a ${role}`, role, ...rest },
  });
  return { id: body.key.id, token: body.token };
}

describe('signing in with an API key', () => {
  test('exchanges it for a cookie that no script can read and no other site can send', async () => {
    const browser = await signedIn();
    const [cookie = ''] = browser.setCookies;
    expect(browser.setCookies).toHaveLength(1);
    expect(cookie).toMatch(/^tenantry-session-\d+=s_[a-z2-7]{16}\.[A-Za-z0-9_-]{43};/);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).toContain('; Max-Age=43200');
    expect(cookie).not.toContain(server.token);
    const { body } = await browser.send<Me>('/v1/me');
    expect(body).toMatchObject({
      actor: { kind: 'apiKey', name: 'local administrator' },
      role: 'admin',
      session: { id: browser.id, method: 'apiKey' },
    });
    expect((await auditOf(server, { action: 'session.create' })).at(-1)).toMatchObject({
      actor: { kind: 'apiKey', name: 'local administrator' },
      target: { kind: 'session', id: browser.id },
      outcome: 'success',
      after: { method: 'apiKey' },
    });
  });

  test('stores nothing that opens a session', async () => {
    const browser = await signedIn();
    const [value = ''] = browser.cookies.values();
    const { rows } = await server.superuser.query(
      `SELECT count(*)::int AS found FROM tenantry.sessions s WHERE s::text LIKE '%' || $1 || '%'
       UNION ALL SELECT count(*)::int FROM tenantry.events e WHERE e::text LIKE '%' || $1 || '%'
       UNION ALL SELECT count(*)::int FROM tenantry_audit.events e WHERE e::text LIKE '%' || $1 || '%'`,
      [value.split('.')[1]],
    );
    expect(rows).toEqual([{ found: 0 }, { found: 0 }, { found: 0 }]);
  });

  test('what is no key is refused without a reason, and nothing is set', async () => {
    const { token: revoked, id } = await keyOf('admin');
    await server.admin.call('revokeKey', { params: { key: id } });
    for (const apiKey of ['x', revoked, `tnt_aaaaaaaaaaaa_${'a'.repeat(43)}`]) {
      const browser = openBrowser(server);
      const { status, body } = await browser.signIn({ apiKey });
      expect({ status, code: body.code, detail: body.detail }).toEqual({
        status: 401,
        code: 'SIGN_IN_REFUSED',
        detail: 'This is no API key that works.',
      });
      expect(browser.setCookies).toEqual([]);
    }
  });

  test.each([{}, { apiKey: 'a', code: 'b' }, { apiKey: 7 }, { password: 'x' }])(
    '%j is no form',
    async (body) => {
      const { status, body: problem } = await openBrowser(server).send('/v1/session', {
        method: 'POST',
        body,
      });
      expect({ status, code: problem.code }).toEqual({ status: 400, code: 'VALIDATION' });
    },
  );

  test('another site cannot sign a browser in', async () => {
    const body = { apiKey: server.token };
    const foreign = await openBrowser(server).send('/v1/session', {
      method: 'POST',
      body,
      origin: 'https://evil.example',
    });
    expect({ status: foreign.status, code: foreign.body.code }).toEqual({
      status: 403,
      code: 'CSRF_REFUSED',
    });
  });

  test('the role of the key is the role of the session, and a scope narrows it', async () => {
    const { token } = await keyOf('operator', { scopes: ['tenants:read'] });
    const browser = await signedIn(token);
    expect((await browser.send<Me>('/v1/me')).body).toMatchObject({
      role: 'operator',
      permissions: ['tenants:read'],
    });
    expect((await browser.send('/v1/tenants')).status).toBe(200);
    const refused = await browser.send('/v1/cells');
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain('cells:read');
    expect(refused.body.detail).toContain('this session');
  });

  test('a key of one tenant sees that tenant', async () => {
    const [own] = [await provision(server, 'own'), await provision(server, 'other')];
    const { token } = await keyOf('tenant', { tenant: own.id });
    const browser = await signedIn(token);
    const list = await browser.send<{ items: { slug: string }[] }>('/v1/tenants');
    expect(list.body.items.map(({ slug }) => slug)).toEqual(['own']);
    expect((await browser.send('/v1/tenants/other')).status).toBe(404);
  });
});

describe('what another site makes a browser send', () => {
  const body = { slug: 'forged' };

  test.each([
    ['without the token', { csrf: null }],
    ['with the token of another session', { csrf: 'A'.repeat(43) }],
    ['from another origin', { origin: 'https://evil.example' }],
    ['from another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['from no origin at all', { origin: 'null' }],
    ['and its browser says so', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['from a sister site', { headers: { 'sec-fetch-site': 'same-site' } }],
  ])('%s is refused', async (_, request) => {
    const browser = await signedIn();
    const answer = await browser.send('/v1/tenants', { method: 'POST', body, ...request });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 403, code: 'CSRF_REFUSED' });
    expect((await browser.send('/v1/tenants/forged')).status).toBe(404);
  });

  test('the console itself is let through', async () => {
    const browser = await signedIn();
    const answer = await browser.send('/v1/tenants', {
      method: 'POST',
      body: { slug: 'meant' },
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(answer.status).toBe(202);
  });

  test('an API key needs no token, and a cookie beside it counts for nothing', async () => {
    const { token } = await keyOf('auditor');
    const browser = await signedIn();
    const { body: me } = await browser.send<Me>('/v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect(me).toMatchObject({ role: 'auditor', session: null });
    // A key that does not work is not made up for by the cookie.
    expect((await browser.send('/v1/me', { headers: { authorization: 'Bearer x' } })).status).toBe(401);
    const { status } = await send(server, '/v1/audit/verify', { method: 'POST', token });
    expect(status).toBe(200);
  });
});

describe('the end of a session', () => {
  test('signing out ends it in the database, too', async () => {
    const browser = await signedIn();
    const kept = new Map(browser.cookies);
    const { status, body } = await browser.send('/v1/session', { method: 'DELETE' });
    expect({ status, body }).toEqual({ status: 200, body: { redirectTo: null } });
    expect(browser.cookies.size).toBe(0);
    const thief = openBrowser(server);
    for (const [name, value] of kept) (thief.cookies as Map<string, string>).set(name, value);
    expect((await thief.send('/v1/me')).status).toBe(401);
    expect((await auditOf(server, { action: 'session.end' })).at(-1)).toMatchObject({
      target: { id: browser.id },
      after: { end: 'signedOut' },
    });
  });

  test('an API key has no session to end', async () => {
    const { status, body } = await send(server, '/v1/session', { method: 'DELETE' });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'SESSION_NOT_FOUND' });
  });

  test('revoking ends it, and its stream', async () => {
    const browser = await signedIn();
    const [name = '', value = ''] = [...browser.cookies][0] ?? [];
    const stream = await fetch(`${server.url}/v1/events`, { headers: { cookie: `${name}=${value}` } });
    expect(stream.status).toBe(200);
    const everything = new Response(stream.body).text();
    const list = await browser.send<SessionList>('/v1/sessions');
    expect(list.body.items.find(({ id }) => id === browser.id)).toMatchObject({
      current: true,
      method: 'apiKey',
    });
    const revoked = await server.admin.call('revokeSession', { params: { session: browser.id } });
    expect(revoked.id).toBe(browser.id);
    expect(await everything).toContain('event: session.ended');
    expect((await browser.send('/v1/me')).status).toBe(401);
    const { items } = await server.admin.call('listSessions', {});
    expect(items.map(({ id }) => id)).not.toContain(browser.id);
    expect((await auditOf(server, { action: 'session.end' })).at(-1)).toMatchObject({
      actor: { kind: 'apiKey' },
      target: { kind: 'session', id: browser.id },
      after: { end: 'revoked' },
    });
    const again = await send(server, `/v1/sessions/${browser.id}`, { method: 'DELETE' });
    expect(again.body.code).toBe('SESSION_NOT_FOUND');
  });

  test('it ends with its key', async () => {
    const { id, token } = await keyOf('admin');
    const browser = await signedIn(token);
    await server.admin.call('revokeKey', { params: { key: id } });
    expect((await browser.send('/v1/me')).status).toBe(401);
  });

  test.each([
    ['in any case, when its time is over', `expires_at = now() - interval '1 ms'`],
    ['when it was not used for too long', `last_seen_at = now() - interval '1 hour'`],
  ])('it ends %s', async (_, change) => {
    const browser = await signedIn();
    await server.superuser.query(`UPDATE tenantry.sessions SET ${change} WHERE id = $1`, [browser.id]);
    expect((await browser.send('/v1/me')).status).toBe(401);
    const { items } = await server.admin.call('listSessions', {});
    expect(items.map(({ id }) => id)).not.toContain(browser.id);
  });

  test('being used keeps it', async () => {
    const browser = await signedIn();
    await server.superuser.query(
      `UPDATE tenantry.sessions SET last_seen_at = now() - interval '59 minutes' WHERE id = $1`,
      [browser.id],
    );
    const { body } = await browser.send<Me>('/v1/me');
    const left = new Date(body.session!.idleExpiresAt).getTime() - Date.now();
    expect(left).toBeGreaterThan(59 * 60_000);
  });

  test('a cookie with another secret, or of no form, is nobody', async () => {
    const browser = await signedIn();
    const [name = '', value = ''] = [...browser.cookies][0] ?? [];
    for (const other of [
      `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
      browser.id,
      `' OR 1=1`,
      'x.y',
    ]) {
      (browser.cookies as Map<string, string>).set(name, encodeURIComponent(other));
      expect((await browser.send('/v1/me')).status, other).toBe(401);
    }
  });
});

describe('a one-time link', () => {
  async function invite(): Promise<SignInCode> {
    return server.admin.call('createSignInCode', {});
  }

  test('signs in once, as the key that made it', async () => {
    const made = await invite();
    expect(made.url).toBe(`${server.url}/#code=${made.code}`);
    const browser = openBrowser(server);
    const { status, body } = await browser.signIn({ code: made.code });
    expect(status).toBe(201);
    expect(body).toMatchObject({ actor: { name: 'local administrator' }, session: { method: 'code' } });
    const second = await openBrowser(server).signIn({ code: made.code });
    expect({ status: second.status, code: second.body.code }).toEqual({
      status: 401,
      code: 'SIGN_IN_REFUSED',
    });
  });

  test('ten browsers with one link: one is let in', async () => {
    const { code } = await invite();
    const all = await Promise.all(Array.from({ length: 10 }, () => openBrowser(server).signIn({ code })));
    expect(all.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, ...Array(9).fill(401)]);
  });

  test('it is too old after ten minutes', async () => {
    const { code } = await invite();
    await server.superuser.query(`UPDATE tenantry.sign_in_codes SET expires_at = now() - interval '1 ms'`);
    expect((await openBrowser(server).signIn({ code })).status).toBe(401);
  });

  test('a session makes none', async () => {
    const browser = await signedIn();
    const { status, body } = await browser.send('/v1/session/code', { method: 'POST' });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION' });
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Me, Session, SessionList, SignInCode } from '@tenantry/contract';
import { openBrowser, type Browser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { auditOf } from '../support/tenant.ts';
import { commandLine, endConnections, type Run } from './support.ts';

let server: TestServer;
let run: Run;

beforeAll(async () => {
  server = await startTestServer();
  run = commandLine(server);
});

afterAll(async () => {
  await endConnections();
  await server?.stop();
});

/** A browser that followed a link of `tenantry console`. */
async function follow(url: string): Promise<Browser & { readonly id: string }> {
  const browser = openBrowser(server);
  const code = new URLSearchParams(new URL(url).hash.slice(1)).get('code') ?? '';
  const { status, body } = await browser.signIn({ code });
  expect(status, body.detail).toBe(201);
  return Object.assign(browser, { id: body.session!.id });
}

test('console prints a link and nothing else to stdout; it signs a browser in, once', async () => {
  const ran = await run(['console']);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('works once')]);
  const url = ran.stdout.trimEnd();
  expect(url).toMatch(new RegExp(`^${server.url}/#code=\\S+$`));
  const browser = await follow(url);
  const { body } = await browser.send<Me>('/v1/me');
  expect(body).toMatchObject({ actor: { name: 'local administrator' }, session: { method: 'code' } });
  const again = await openBrowser(server).signIn({ code: url.split('#code=')[1]! });
  expect([again.status, again.body.code]).toEqual([401, 'SIGN_IN_REFUSED']);
  expect((await auditOf(server, { action: 'session.invite' })).at(-1)).toMatchObject({
    actor: { kind: 'apiKey', name: 'local administrator' },
    outcome: 'success',
  });
  expect((await auditOf(server, { action: 'session.create' })).at(-1)).toMatchObject({
    target: { kind: 'session', id: browser.id },
    outcome: 'success',
  });
});

test('console --json is the answer of the API', async () => {
  const made = (await run(['console', '--json'])).json<SignInCode>();
  expect(made.url).toBe(`${server.url}/#code=${made.code}`);
  expect(Date.parse(made.expiresAt)).toBeGreaterThan(Date.now());
});

test('session list shows who is signed in, and session revoke ends it', async () => {
  const browser = await follow((await run(['console'])).stdout.trimEnd());
  const { stdout } = await run(['session', 'list'], { columns: 200 });
  expect(stdout.split('\n').find((line) => line.startsWith(browser.id))).toMatch(
    /local administrator +admin +code/,
  );
  const { items } = (await run(['session', 'list', '--json'])).json<SessionList>();
  expect(items.map(({ id }) => id)).toContain(browser.id);

  const revoked = await run(['session', 'revoke', browser.id]);
  expect([revoked.code, revoked.stdout]).toEqual([0, `Ended ${browser.id} of local administrator.\n`]);
  expect((await browser.send('/v1/me')).status).toBe(401);
  expect((await run(['session', 'list'])).stdout).not.toContain(browser.id);
  expect((await auditOf(server, { action: 'session.end' })).at(-1)).toMatchObject({
    actor: { kind: 'apiKey', name: 'local administrator' },
    target: { kind: 'session', id: browser.id },
    outcome: 'success',
    after: { end: 'revoked' },
  });
});

test('what session revoke prints with --quiet and --json; a session that is not there', async () => {
  const first = await follow((await run(['console'])).stdout.trimEnd());
  expect((await run(['session', 'revoke', first.id, '--quiet'])).stdout).toBe(`${first.id}\n`);
  const second = await follow((await run(['console'])).stdout.trimEnd());
  expect((await run(['session', 'revoke', second.id, '--json'])).json<Session>().id).toBe(second.id);
  const missing = await run(['session', 'revoke', 's_aaaaaaaaaaaaaaaa', '--json']);
  expect([missing.code, missing.error()]).toEqual([
    5,
    expect.objectContaining({ code: 'SESSION_NOT_FOUND' }),
  ]);
});

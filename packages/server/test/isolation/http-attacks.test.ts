import { afterAll, beforeAll, expect, test } from 'vitest';
import { attackHttp, controlPlaneSpec, type AttackResult } from '@tenantry/isolation';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

/** The control plane's own API, attacked by a tenant's key for what is another tenant's. */
let server: TestServer;
let results: readonly AttackResult[];

beforeAll(async () => {
  server = await startTestServer();
  const { admin } = server;
  const canary = async (slug: string, name: string) => {
    const { id } = await provision(server, slug, { name });
    const { token } = await admin.call('createKey', {
      body: { name: `key of ${slug}`, role: 'tenant', tenant: slug },
    });
    const { items } = await admin.call('listOperations', { query: { tenant: slug } });
    return { id, slug, name, token, operation: items[0]!.id };
  };
  const tenants = [
    await canary('canary-one', 'Canary kq7wd4 of the first'),
    await canary('canary-two', 'Canary zm3xv9 of the second'),
  ] as const;
  const revoked = await admin.call('createKey', { body: { name: 'revoked', role: 'admin' } });
  await admin.call('revokeKey', { params: { key: revoked.key.id } });
  const expired = await admin.call('createKey', { body: { name: 'expired', role: 'admin' } });
  await server.superuser.query(
    `UPDATE tenantry.api_keys SET expires_at = now() - interval '1 hour' WHERE name = 'expired'`,
  );
  const runtime = await admin.call('createKey', { body: { name: 'runtime', role: 'runtime' } });
  results = await attackHttp({
    spec: controlPlaneSpec({
      url: server.url,
      tenants,
      refused: { revoked: revoked.token, expired: expired.token, runtime: runtime.token },
    }),
  });
}, 120_000);
afterAll(() => server.stop());

test('no attack over HTTP succeeds, and nothing is answered in an odd way', () => {
  expect(
    results
      .filter(({ verdict }) => verdict === 'hit' || verdict === 'unexpected')
      .map(({ attack, message, steps }) => [attack, message, steps]),
  ).toEqual([]);
});

test('nothing was left out but what needs a JWT, or a name beside the credential', () => {
  const skipped = results.filter(({ verdict }) => verdict === 'skipped').map(({ attack }) => attack);
  const needless = ['http.jwt-none', 'http.jwt-stripped', 'http.jwt-weak-key', 'http.conflicting-header'];
  // Without a key an address has 600 requests a minute: what comes after them is refused unseen.
  const limited = results
    .filter(({ message }) => message === 'Every request of it met a rate limit.')
    .map(({ attack }) => attack);
  expect(skipped.filter((attack) => !limited.includes(attack))).toEqual(needless);
  expect(limited).not.toContain('http.no-credential');
  expect(limited).not.toContain('http.refused-credential');
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endpoints,
  permissions,
  rolePermissions,
  roles,
  type Endpoint,
  type EndpointName,
  type Problem,
  type Role,
  type Tenant,
} from '@tenantry/contract';
import { send, type Answer } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { census, provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let own: Tenant;
const tokens: Partial<Record<string, string>> = {};
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  own = await provision(server, 'own');
  for (const role of roles) {
    const body = { name: role, role, ...(role === 'tenant' ? { tenant: own.id } : {}) };
    tokens[role] = (await server.admin.call('createKey', { body })).token;
  }
  const { token: expired, key } = await server.admin.call('createKey', {
    body: { name: 'expired', role: 'admin', expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  });
  await server.superuser.query(
    `UPDATE tenantry.api_keys SET expires_at = now() - interval '1 ms' WHERE id = $1`,
    [key.id],
  );
  const revoked = await server.admin.call('createKey', { body: { name: 'revoked', role: 'admin' } });
  await server.admin.call('revokeKey', { params: { key: revoked.key.id } });
  tokens['expired'] = expired;
  tokens['revoked'] = revoked.token;
  tokens['wrong secret'] = expired.slice(0, -1) + (expired.endsWith('A') ? 'B' : 'A');
  tokens['unknown key'] = `tnt_aaaaaaaaaaaa_${'a'.repeat(43)}`;
  tokens['garbage'] = 'garbage';
  tokens['SQL'] = `tnt_'or'1'='1_${'a'.repeat(43)}`;
  tokens['a hash'] = Buffer.alloc(32).toString('hex');
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

/**
 * Asks an endpoint for something that does not exist, or with a body that cannot be meant, so that nobody's permission has an
 * effect: what is allowed is answered with anything but 401 and 403.
 */
async function ask(name: EndpointName, token: string | null): Promise<Answer<Partial<Problem>>> {
  const endpoint: Endpoint = endpoints[name];
  const path = endpoint.path.replace(/\{\w+\}/g, 'nothing-of-this-name');
  if (endpoint.contentType === 'text/event-stream' && token !== null) return openOnly(path, token);
  return send<Partial<Problem>>(server, path, {
    method: endpoint.method,
    token,
    ...(endpoint.body ? { body: { 'not-a-field': true } } : {}),
  });
}

async function openOnly(path: string, token: string): Promise<Answer<Partial<Problem>>> {
  const abort = new AbortController();
  const { status, headers, body } = await fetch(server.url + path, {
    headers: { authorization: `Bearer ${token}` },
    signal: abort.signal,
  });
  const stream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  const problem = stream ? {} : ((await new Response(body).json()) as Partial<Problem>);
  abort.abort();
  return { status, headers, body: problem };
}

async function allFinished(): Promise<void> {
  const { items } = await server.admin.call('listOperations', { query: { limit: 100 } });
  for (const { id } of items) await server.finished(id);
}

/** Those that are answered to everybody are asked for elsewhere. */
const names = (Object.keys(endpoints) as EndpointName[]).filter(
  (name) => (endpoints[name] as Endpoint).public !== true,
);

describe.each(roles)('%s', (role: Role) => {
  test.each(names)('%s', async (name) => {
    const { permission } = endpoints[name];
    const before = await census(server);
    const { status, body } = await ask(name, tokens[role]!);
    const allowed = permission === null || (rolePermissions[role] as readonly string[]).includes(permission);
    if (allowed) {
      expect([401, 403, 500]).not.toContain(status);
      // Only this one does something that was not refused, and what it starts would change the next one's census.
      if (name === 'preparePlayground') await allFinished();
    } else {
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
      expect(body.detail).toContain(permission);
      expect(await census(server)).toEqual(before);
    }
  });
});

describe.each(['no key', 'expired', 'revoked', 'wrong secret', 'unknown key', 'garbage', 'SQL', 'a hash'])(
  '%s',
  (which) => {
    test.each(names)('%s', async (name) => {
      const before = await census(server);
      const { status, headers, body } = await ask(name, which === 'no key' ? null : tokens[which]!);
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
      expect(headers.get('www-authenticate')).toBe('Bearer');
      // Nothing says which of the reasons it was.
      expect(body).toEqual({
        type: 'urn:tenantry:problem:UNAUTHENTICATED',
        title: body.title,
        status: 401,
        code: 'UNAUTHENTICATED',
        requestId: headers.get('x-request-id'),
      });
      expect(await census(server)).toEqual(before);
    });
  },
);

test('other schemes than Bearer, and a token in the address, are no key', async () => {
  const token = tokens['admin']!;
  for (const authorization of [
    `Basic ${btoa(`x:${token}`)}`,
    token,
    `Bearer`,
    `Bearer ${token} ${token}`,
    `Token ${token}`,
  ]) {
    const { status } = await send(server, '/v1/me', { token: null, headers: { authorization } });
    expect(status, authorization).toBe(401);
  }
  expect((await send(server, `/v1/me?access_token=${token}`, { token: null })).status).toBe(401);
  expect(
    (await send(server, '/v1/me', { token: null, headers: { authorization: `bearer ${token}` } })).status,
  ).toBe(200);
});

describe('scopes narrow a role', () => {
  test.each(permissions)('%s alone allows its endpoints and no other', async (scope) => {
    const { token } = await server.admin.call('createKey', {
      body: { name: scope, role: 'admin', scopes: [scope] },
    });
    expect((await send(server, '/v1/me', { token })).body).toMatchObject({ permissions: [scope] });
    for (const name of names) {
      const { permission } = endpoints[name];
      const { status } = await ask(name, token);
      expect(status === 403, name).toBe(permission !== null && permission !== scope);
    }
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endpoints,
  roleAllows,
  roles,
  type Endpoint,
  type EndpointName,
  type Permission,
  type Problem,
} from '@tenantry/contract';
import { openBrowser, type Browser } from '../support/browser.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
const browsers = new Map<string, Browser>();
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  const own = await provision(server, 'own');
  for (const role of roles) {
    const body = { name: role, role, ...(role === 'tenant' ? { tenant: own.id } : {}) };
    const { token } = await server.admin.call('createKey', { body });
    const browser = openBrowser(server);
    await browser.signIn({ apiKey: token });
    browsers.set(role, browser);
  }
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

const names = (Object.keys(endpoints) as EndpointName[]).filter((name) => {
  const { public: isPublic, contentType } = endpoints[name] as Endpoint;
  // A stream does not end, and signing out would.
  return isPublic !== true && contentType !== 'text/event-stream' && name !== 'signOut';
});

/** Nothing of these exists, so that nobody's permission has an effect. */
function ask(browser: Browser, name: EndpointName, csrf?: null) {
  const { method, path, body }: Endpoint = endpoints[name];
  return browser.send<Partial<Problem>>(path.replace(/\{\w+\}/g, 'nothing-of-this-name'), {
    method,
    ...(csrf === null ? { csrf } : {}),
    ...(body ? { body: { 'not-a-field': true } } : {}),
  });
}

describe.each(roles)('a session of the role %s', (role) => {
  test.each(names)('%s', async (name) => {
    const permission: Permission | null = endpoints[name].permission;
    const { status, body } = await ask(browsers.get(role)!, name);
    if (permission === null || roleAllows(role, permission)) {
      expect([401, 403, 500]).not.toContain(status);
    } else {
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
      expect(body.detail).toContain(permission);
    }
  });
});

test.each(names.filter((name) => endpoints[name].method !== 'GET'))(
  '%s is refused without the token, also to an administrator',
  async (name) => {
    const { status, body } = await ask(browsers.get('admin')!, name, null);
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'CSRF_REFUSED' });
  },
);

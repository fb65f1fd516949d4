import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { loginAs, provision } from '../support/tenant.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test('a control plane refuses to start with another credential key, and starts again with its own', async () => {
  const tenant = await provision(server, 'acme');
  const other = Buffer.alloc(32, 7).toString('base64');
  await expect(server.restart({ credentialKey: other })).rejects.toThrow(/credential key is not the one/);
  await server.restart();
  await (await loginAs(server, tenant)).end();
});

test('a key file that was lost is not silently replaced by another', async () => {
  const file = join(server.home, 'secrets', 'credential-key');
  const key = await readFile(file, 'utf8');
  await rm(file);
  await expect(server.restart()).rejects.toThrow(/credential key is not the one/);
  await writeFile(file, key, { mode: 0o600 });
  await server.restart();
});

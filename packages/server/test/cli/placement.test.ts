import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type Cell, type TenantDomainList } from '@tenantry/contract';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';
import { commandLine, endConnections, migrationDirectory, type Run } from './support.ts';

let server: TestServer;
let run: Run;
let migrations: string;
beforeAll(async () => {
  migrations = await migrationDirectory({ 'V1__notes.sql': 'CREATE TABLE notes (id int);\n' });
  server = await startTestServer({ migrations });
  run = commandLine(server);
  await provision(server, 'acme');
});
afterAll(async () => {
  await endConnections();
  await server.stop();
  await rm(migrations, { recursive: true });
});

test('domains are added, listed and removed, and an application with a key of its own is routed by them', async () => {
  const added = await run(['tenant', 'domain', 'add', 'acme', 'App.Acme.Example']);
  expect(added).toMatchObject({ code: 0, stdout: 'app.acme.example\n' });
  const listed = await run(['tenant', 'domain', 'list', 'acme', '--json']);
  expect(listed.json<TenantDomainList>().items.map(({ domain }) => domain)).toEqual(['app.acme.example']);
  expect((await run(['tenant', 'domain', 'list', 'acme'])).stdout).toContain('app.acme.example');

  const key = await run(['key', 'create', '--name', 'api', '--role', 'runtime', '--quiet']);
  const client = createClient({ url: server.url, token: key.stdout.trim() });
  const params = { ref: 'domain:app.acme.example' };
  expect(await client.call('getPlacement', { params })).toMatchObject({ slug: 'acme' });

  const removed = await run(['tenant', 'domain', 'remove', 'acme', 'app.acme.example', '--json']);
  expect(removed.json()).toMatchObject({ domain: 'app.acme.example' });
  const again = await run(['tenant', 'domain', 'remove', 'acme', 'app.acme.example', '--json']);
  expect(again.code).not.toBe(0);
  expect(again.error()).toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
  expect((await run(['tenant', 'domain', 'list', 'acme'])).stderr).toContain('No custom domains.');
});

test('a cell gets other lanes and slots', async () => {
  const updated = await run(['cell', 'update', 'default', '--slots', '3', '--json']);
  expect(updated.json<Cell>()).toMatchObject({ lanes: ['sealed', 'leased'], slots: 3 });
  const sealed = await run(['cell', 'update', 'default', '--lanes', 'sealed']);
  expect(sealed.stdout).toMatch(/lanes\s+sealed\n/);
  expect((await run(['cell', 'check', 'default'])).code).toBe(0);
});

test.each([[[]], [['--slots', '0']], [['--slots', 'many']], [['--lanes', 'guarded']], [['--lanes', '']]])(
  'cell update %j is a mistake of usage',
  async (flags) => {
    const { code, stderr } = await run(['cell', 'update', 'default', ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain('--');
  },
);

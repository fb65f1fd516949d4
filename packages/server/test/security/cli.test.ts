import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SecurityEventPage, Tenant } from '@tenantry/contract';
import { commandLine, type Run } from '../cli/support.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
let run: Run;
let acme: Tenant;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  run = commandLine(server);
  acme = await provision(server, 'acme');
});
afterAll(async () => {
  await server?.stop();
  await files?.clean();
});

async function refuse(fingerprint: string): Promise<void> {
  const at = new Date().toISOString();
  await server.admin.call('reportSecurityEvents', {
    body: {
      report: randomUUID(),
      source: 'lane',
      dropped: 0,
      events: [
        {
          kind: 'denied',
          tenantId: acme.id,
          cell: null,
          lane: 'sealed',
          sqlState: '42501',
          fingerprint,
          count: 3,
          firstAt: at,
          lastAt: at,
        },
      ],
    },
  });
}

test('list shows them, for people and for programs', async () => {
  expect((await run(['security', 'list'])).stderr).toContain('Nothing was refused.');
  await refuse('aaaaaaaaaaaaaaaa');
  const { code, stdout } = await run(
    ['security', 'list', '--tenant', 'acme', '--kind', 'denied', '--from', '1h'],
    { columns: 200 },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/3 +denied +acme +42501 +lane +sealed/);
  const page = (await run(['security', 'list', '--json', '--source', 'lane'])).json<SecurityEventPage>();
  expect(page.items).toMatchObject([{ tenantSlug: 'acme', count: 3, fingerprint: 'aaaaaaaaaaaaaaaa' }]);
  expect((await run(['security', 'list', '--sql-state', '28P01', '--quiet'])).stdout).not.toContain('denied');
  expect((await run(['security', 'list', '--kind', 'nonsense'])).code).toBe(2);
});

test('watch shows each as it happens, until it is interrupted', async () => {
  const lines: string[] = [];
  let interrupt = (): void => {};
  let wake = (): void => {};
  const watching = run(['security', 'watch', '--tenant', 'acme', '--json'], {
    stdout: {
      write: (text: string) => {
        lines.push(text);
        wake();
      },
    },
    onInterrupt: (listener) => (interrupt = listener),
  });
  // Nothing tells when it listens: it is refused until it does.
  const seen = new Promise<void>((resolve) => (wake = resolve));
  const again = setInterval(() => void refuse('bbbbbbbbbbbbbbbb'), 100);
  await seen;
  clearInterval(again);
  interrupt();
  expect((await watching).code).toBe(0);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    tenantId: acme.id,
    kind: 'denied',
    source: 'lane',
    fingerprint: 'bbbbbbbbbbbbbbbb',
  });
});

test('whoever may not, is told so', async () => {
  const { token } = await server.admin.call('createKey', { body: { name: 'x', role: 'developer' } });
  const refused = await run(['security', 'watch'], { env: { TENANTRY_TOKEN: token } });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('security:read');
});

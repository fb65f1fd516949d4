import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedReader, Reader, ReaderList, Tenant } from '@tenantry/contract';
import { commandLine, endConnections, type Run } from '../cli/support.ts';
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
  await provision(server, 'globex');
});
afterAll(async () => {
  await endConnections();
  await server?.stop();
  await files?.clean();
});

async function canRead(url: string, schema: string): Promise<boolean> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(`SELECT * FROM ${schema}.notes`)).rowCount === 0;
  } finally {
    await client.end();
  }
}

test('open, list, close', async () => {
  const opened = await run(['reader', 'open', 'acme', 'globex', '--reason', 'ticket 4711', '--minutes', '5']);
  expect(opened.code).toBe(0);
  expect(opened.stdout).toContain(`acme (${acme.schema}: 3 tables and views)`);
  expect(opened.stderr).toContain('shown this once');
  const url = /postgresql:\S+/.exec(opened.stdout)![0];
  expect(await canRead(url, acme.schema)).toBe(true);
  const id = /r_[a-z2-7]{12}/.exec(opened.stdout)![0];

  const list = await run(['reader', 'list', '--state', 'open', '--json']);
  expect(list.json<ReaderList>().items.map((reader) => reader.id)).toEqual([id]);
  const shown = await run(['reader', 'list']);
  expect(shown.stdout).toMatch(new RegExp(`${id}.*open.*acme, globex|${id}.*open.*globex, acme`));

  const closed = await run(['reader', 'close', id]);
  expect(closed.stdout).toMatch(/state +closed/);
  await expect(canRead(url, acme.schema)).rejects.toMatchObject({ code: '28P01' });
  expect((await run(['reader', 'list', '--state', 'open'])).stderr).toContain('No readers.');
});

test('for programs: a document, or an address and nothing else', async () => {
  const json = await run(['reader', 'open', 'acme', '--reason', 'x', '--json']);
  const { reader, connection } = json.json<OpenedReader>();
  expect(connection.user).toBe(reader.login);
  expect((await run(['reader', 'close', reader.id, '--json'])).json<Reader>().state).toBe('closed');

  const quiet = await run(['reader', 'open', 'acme', '--reason', 'x', '--quiet']);
  expect(await canRead(quiet.stdout.trim(), acme.schema)).toBe(true);
  const [open] = (await run(['reader', 'list', '--state', 'open', '--json'])).json<ReaderList>().items;
  expect((await run(['reader', 'close', open!.id, '--quiet'])).stdout).toBe(`${open!.id}\n`);
});

test.each([
  ['without a reason', ['reader', 'open', 'acme'], 2],
  ['without a tenant', ['reader', 'open', '--reason', 'x'], 2],
  ['for too long', ['reader', 'open', 'acme', '--reason', 'x', '--minutes', '481'], 2],
  ['of an unknown tenant', ['reader', 'open', 'nobody', '--reason', 'x'], 5],
  ['closing an unknown one', ['reader', 'close', 'r_nothing'], 5],
])('%s', async (_, argv, code) => {
  const { code: exit, stderr } = await run(argv);
  expect(exit, stderr).toBe(code);
});

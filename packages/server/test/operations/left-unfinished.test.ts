import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let log = '';
const sink = new Writable({
  write(chunk: Buffer, _, done) {
    log += String(chunk);
    done();
  },
});
let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path }, pino({ level: 'error' }, sink));
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

test('an operation that cannot be brought to its end is told in the log, and ends when it can be', async () => {
  await server.superuser.query(`
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON tenantry.operations
      FOR EACH ROW WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION public.refuse()`);
  const { operation } = await server.admin.call('createTenant', { body: { slug: 'held-up' } });
  const line = await until('the log tells of it', async () =>
    log.split('\n').find((text) => text.includes('An operation was left unfinished')),
  );
  expect(JSON.parse(line)).toMatchObject({
    operation: operation.id,
    err: { message: 'refused by the test' },
  });
  await server.superuser.query('DROP FUNCTION public.refuse CASCADE');
  expect((await server.finished(operation.id)).finishedAt).not.toBeNull();
});

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestPostgres } from '../../src/embedded/index.ts';
import { startTestPostgres } from '../../src/embedded/index.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function query(sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('it is PostgreSQL 18 with UTF8, a locale of its own, checksums and SCRAM', async () => {
  const answer = await query(
    `SELECT current_setting('server_version_num')::int / 10000, pg_encoding_to_char(encoding), datlocprovider, datlocale,
            current_setting('data_checksums'), current_setting('listen_addresses'),
            (SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules)
       FROM pg_database WHERE datname = 'postgres'`,
  );
  expect(answer).toEqual([18, 'UTF8', 'b', 'C.UTF-8', 'on', '127.0.0.1', 'scram-sha-256']);
});

test('what was committed before a kill is there after a restart, on the same port', async () => {
  await query('CREATE TABLE kept AS SELECT 42 AS answer');
  await postgres.kill();
  await expect(query('SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await postgres.restart();
  expect(await query('SELECT answer FROM kept')).toEqual([42]);
});

test('a server that runs is restarted too', async () => {
  const [before] = await query('SELECT pg_postmaster_start_time()::text');
  await postgres.restart();
  expect(await query('SELECT pg_postmaster_start_time()::text')).not.toEqual([before]);
});

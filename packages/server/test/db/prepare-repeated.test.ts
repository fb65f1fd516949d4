import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { prepareRepeated } from '../../src/db/prepare-repeated.ts';

let postgres: TestPostgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  client = new pg.Client(postgres.superuserUrl);
  prepareRepeated(client);
  await client.connect();
});
afterEach(() => client.end());

// By the simple protocol and without parameters, so that it does not count itself.
const prepared = async (): Promise<number> =>
  (await client.query(`SELECT FROM pg_prepared_statements WHERE name <> ''`)).rowCount!;

test('a statement that comes again is prepared, one that comes once is not, and the answers are the same', async () => {
  const twice = async (text: string, values: unknown[]) => [
    (await client.query(text, values)).rows,
    (await client.query(text, values)).rows,
  ];
  await client.query('SELECT $1::int + 1 AS once', [1]);
  expect(await prepared()).toBe(0);
  expect(await twice('SELECT $1::int + 2 AS sum', [1])).toEqual([[{ sum: 3 }], [{ sum: 3 }]]);
  expect(await prepared()).toBe(1);
  expect(await twice('SELECT $1::text AS text', ['x'])).toEqual([[{ text: 'x' }], [{ text: 'x' }]]);
  expect(await prepared()).toBe(2);
});

test('one whose columns a migration has changed fails once, and works from then on', async () => {
  await client.query('CREATE TABLE moving (a int)');
  const read = async () => (await client.query('SELECT * FROM moving WHERE $1', [true])).fields.length;
  await read();
  expect(await read()).toBe(1);
  await client.query('ALTER TABLE moving ADD b int');
  await expect(read()).rejects.toMatchObject({ code: '0A000' });
  expect(await read()).toBe(2);
});

test('texts without end do not fill the backend', async () => {
  for (let n = 0; n < 600; n++) {
    await client.query(`SELECT $1::int AS n${String(n)}`, [n]);
    await client.query(`SELECT $1::int AS n${String(n)}`, [n]);
  }
  expect(await prepared()).toBeLessThanOrEqual(256);
});

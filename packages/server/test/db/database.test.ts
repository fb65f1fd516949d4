import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { openControlDatabase } from '../../src/db/database.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

test('what the control plane asks again and again is prepared', async () => {
  const control = openControlDatabase(postgres.superuserUrl, 1);
  try {
    for (let n = 0; n < 2; n++) await sql`SELECT ${n}::int AS often`.execute(control.db);
    const { rows } = await control.pool.query('SELECT statement FROM pg_prepared_statements');
    expect(rows).toEqual([{ statement: 'SELECT $1::int AS often' }]);
  } finally {
    await control.close();
  }
});

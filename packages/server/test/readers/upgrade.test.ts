import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { installControlSchema } from '../../src/db/install.ts';
import { createControlRole, withDatabase } from '../support/server.ts';

let postgres: TestPostgres;
let url: string;
let superuser: pg.Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await createControlRole(postgres.superuserUrl);
  superuser = new pg.Client(withDatabase(postgres.superuserUrl, 'tenantry'));
  await superuser.connect();
});
afterAll(async () => {
  await superuser?.end();
  await postgres?.stop();
});

test('a control schema from before readers gets them without the loan of the audit trail’s owner', async () => {
  await installControlSchema({ url });
  await superuser.query(`
    DROP TABLE tenantry.reader_tenants, tenantry.readers;
    DELETE FROM tenantry.schema_versions WHERE version = 2;
    REVOKE tenantry_audit FROM tenantry_control`);
  const control = new pg.Client(url);
  await control.connect();
  await expect(control.query('GRANT tenantry_audit TO CURRENT_USER')).rejects.toMatchObject({
    code: '42501',
  });
  await installControlSchema({ url });
  await control.query('SELECT FROM tenantry.readers');
  await control.end();
});

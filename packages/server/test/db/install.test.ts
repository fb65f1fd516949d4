import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { installControlSchema, schemaVersions } from '../../src/db/install.ts';
import { createControlRole, withDatabase } from '../support/server.ts';

let postgres: TestPostgres;
let url: string;
let superuser: pg.Pool;
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await createControlRole(postgres.superuserUrl);
  superuser = new pg.Pool({ connectionString: withDatabase(postgres.superuserUrl, 'tenantry'), max: 1 });
  superuser.on('error', () => {});
});
afterAll(async () => {
  await superuser.end();
  await postgres.stop();
});

const newest = Math.max(...schemaVersions.map(({ version }) => version));

test('twenty installers at once: one installs, all succeed, a later one changes nothing', async () => {
  await Promise.all(Array.from({ length: 20 }, () => installControlSchema({ url })));
  const look = async () =>
    (await superuser.query('SELECT * FROM tenantry.schema_versions ORDER BY version')).rows as unknown[];
  const installed = await look();
  expect(installed).toHaveLength(schemaVersions.length);
  await installControlSchema({ url });
  expect(await look()).toEqual(installed);
  // What was lent for the installation was given back.
  const control = new pg.Client(url);
  await control.connect();
  try {
    await expect(control.query('SET ROLE tenantry_audit')).rejects.toMatchObject({ code: '42501' });
    await expect(control.query('DELETE FROM tenantry_audit.events')).rejects.toMatchObject({ code: '42501' });
    await control.query('SELECT * FROM tenantry_audit.events');
  } finally {
    await control.end();
  }
});

test('a newer version that breaks is refused with what to do, one that does not is accepted', async () => {
  await installControlSchema({ url });
  await superuser.query('INSERT INTO tenantry.schema_versions (version, breaking) VALUES ($1, false)', [
    newest + 1,
  ]);
  await installControlSchema({ url });
  await superuser.query('INSERT INTO tenantry.schema_versions (version, breaking) VALUES ($1, true)', [
    newest + 2,
  ]);
  await expect(installControlSchema({ url })).rejects.toThrow(
    new RegExp(
      `version ${newest + 2}, which this program \\(version ${newest}\\) cannot work with. Update Tenantry`,
    ),
  );
  await superuser.query('DELETE FROM tenantry.schema_versions WHERE version > $1', [newest]);
});

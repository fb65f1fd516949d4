import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '@tenantry/contract';
import { outcomeOf } from '../reliability/support/begin.ts';
import { openSite, type Site } from '../reliability/support/site.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { until } from '../support/until.ts';

/**
 * A control plane is killed with `kill -9` while it opens or closes a reader, stopped where it hurts by locks that the test
 * holds. The next one has to leave nothing.
 */
let site: Site;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  site = await openSite();
});
afterAll(async () => {
  await site?.stop();
  await files?.clean();
});
const spawn = () => site.spawn({ TENANTRY_MIGRATIONS: files.path });

async function provisioned(admin: Client, slug: string): Promise<void> {
  const { operation } = await admin.call('createTenant', { body: { slug } });
  await until(`${slug} is active`, async () => {
    const { state } = await admin.call('getOperation', { params: { operation: operation.id } });
    return state === 'succeeded';
  });
}

const logins = async (): Promise<string[]> => {
  const { rows } = await site.superuser.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'tenantry\\_reader\\_%'
     UNION ALL SELECT 'grant on ' || nspname FROM pg_namespace WHERE nspacl::text LIKE '%tenantry\\_reader\\_%'
     UNION ALL SELECT 'grant on ' || datname FROM pg_database WHERE datacl::text LIKE '%tenantry\\_reader\\_%'`,
  );
  return rows.map(({ name }) => name);
};

/** Waits until a backend waits for a lock. */
const waiting = (kind: 'advisory' | 'row') =>
  until(`somebody waits for a lock (${kind})`, async () => {
    const types = kind === 'advisory' ? ['advisory'] : ['transactionid', 'tuple'];
    const { rowCount } = await site.superuser.query(
      'SELECT FROM pg_locks WHERE NOT granted AND locktype = ANY ($1)',
      [types],
    );
    return rowCount !== 0;
  });

const lockPreparation = `SELECT pg_advisory_xact_lock(hashtextextended('tenantry.prepare', 0))`;

test.each(['before the role', 'between the role and the row', 'while it is closed'])('%s', async (when) => {
  const first = spawn();
  const { admin } = await first.serving;
  const slug = when.replaceAll(' ', '-');
  await provisioned(admin, slug);
  const body = { tenants: [slug], reason: when };
  const opened = when === 'while it is closed' ? await admin.call('openReader', { body }) : undefined;

  const [gate, row] = [await site.superuser.connect(), await site.superuser.connect()];
  await gate.query(`BEGIN; ${lockPreparation}`);
  const call = opened
    ? outcomeOf(admin.call('closeReader', { params: { reader: opened.reader.id } }))
    : outcomeOf(admin.call('openReader', { body }));
  await waiting('advisory');
  if (when === 'between the role and the row') {
    await row.query('BEGIN');
    await row.query(`SELECT FROM tenantry.readers WHERE state = 'opening' FOR UPDATE`);
    await gate.query('COMMIT');
    await waiting('row');
    expect(await logins()).not.toEqual([]);
  }
  await first.kill();
  expect(await call).toBe('cut off');
  await Promise.all([gate, row].map((client) => client.query('ROLLBACK')));
  gate.release();
  row.release();

  // So long ago that whoever opened it must be dead.
  await site.superuser.query(
    `UPDATE tenantry.readers SET created_at = created_at - interval '2 min' WHERE state = 'opening'`,
  );
  const second = spawn();
  const { admin: next } = await second.serving;
  expect(await logins()).toEqual([]);
  const { items } = await next.call('listReaders', {});
  expect(items[0]).toMatchObject({
    reason: when,
    state: 'closed',
    end: when === 'while it is closed' ? 'closed' : 'failed',
  });
  const { items: events } = await next.call('listAudit', { query: { tenant: slug, action: 'reader.*' } });
  expect(events.map(({ action }) => action)).toEqual(['reader.close', 'reader.open']);
  expect(await next.call('verifyAudit', {})).toMatchObject({ ok: true });
  await second.kill();
});

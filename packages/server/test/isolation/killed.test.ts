import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '@tenantry/contract';
import { openSite, type Site } from '../reliability/support/site.ts';
import { until } from '../support/until.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.stop());

const canaries = async (): Promise<readonly string[]> => {
  const { rows } = await site.superuser.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname ~ 'canary'
     UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_canary'
     UNION ALL SELECT 'lease of ' || r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
                 JOIN pg_roles s ON s.oid = m.member WHERE s.rolname ~ '^tenantry_slot_' AND r.rolname ~ '^t_canary'
     UNION ALL SELECT 'large object ' || l.oid FROM pg_largeobject_metadata l LEFT JOIN pg_roles r ON r.oid = l.lomowner
                WHERE r.oid IS NULL OR r.rolname ~ 'canary'`,
  );
  return rows.map(({ name }) => name);
};
afterEach(async () => {
  expect(await canaries()).toEqual([]);
});

/** Begins attacks, and waits until their canaries stand. */
async function beginAttacks(admin: Client): Promise<{ readonly operation: string; readonly run: string }> {
  const { operation, run } = await admin.call('startIsolationRun', { body: { parts: ['probes'] } });
  await until('the canaries stand', async () => (await canaries()).length > 0);
  return { operation: operation.id, run: run.id };
}

describe('attacks', () => {
  test('that are cancelled leave nothing, and can be retried', async () => {
    const server = site.spawn();
    const { admin } = await server.serving;
    const { operation, run } = await beginAttacks(admin);
    await admin.call('cancelOperation', { params: { operation } });
    const ended = await until(
      'it is cancelled',
      async () => {
        const now = await admin.call('getOperation', { params: { operation } });
        return now.finishedAt !== null && now;
      },
      60_000,
    );
    expect(ended.state).toBe('cancelled');
    expect(ended.steps.map(({ name, state }) => [name, state])).toEqual([
      ['probes', 'failed'],
      ['judge', 'pending'],
      ['sweep', 'succeeded'],
    ]);
    expect(await canaries()).toEqual([]);
    const retried = await admin.call('retryOperation', { params: { operation } });
    expect(retried).toMatchObject({ attempt: 2, tenantId: null });
    expect(retried.steps.map(({ name }) => name)).toEqual(['probes', 'judge']);
    await until('the canaries stand again', async () => (await canaries()).length > 0);
    await admin.call('cancelOperation', { params: { operation } });
    await until(
      'it is cancelled again',
      async () => {
        const { state, clean } = await admin.call('getIsolationRun', { params: { run } });
        return state === 'cancelled' && clean === null;
      },
      60_000,
    );
    await server.kill();
  }, 180_000);

  test('of a control plane that is killed leave nothing once another has started', async () => {
    const first = site.spawn();
    const { operation } = await beginAttacks((await first.serving).admin);
    await first.kill();
    expect(await canaries()).not.toEqual([]);
    const second = site.spawn();
    const { admin } = await second.serving;
    // Taken up again by itself, from the part that was cut off.
    const now = await until('it runs again', async () => {
      const found = await admin.call('getOperation', { params: { operation } });
      return found.state === 'running' && found;
    });
    expect(now.attempt).toBe(1);
    await admin.call('cancelOperation', { params: { operation } });
    await until(
      'it is over',
      async () => {
        const { finishedAt } = await admin.call('getOperation', { params: { operation } });
        return finishedAt !== null;
      },
      60_000,
    );
    await second.kill();
  }, 180_000);

  test('that PostgreSQL’s end cuts off leave nothing', async () => {
    const server = site.spawn();
    const { admin } = await server.serving;
    const { operation } = await beginAttacks(admin);
    await site.postgres.kill();
    await site.postgres.restart();
    await until('it is answered again', () => admin.call('getIsolation', {}));
    await until('it goes on', async () => {
      const { state } = await admin.call('getOperation', { params: { operation } });
      return state === 'running' || state === 'failed';
    });
    await admin.call('cancelOperation', { params: { operation } }).catch(() => {});
    await until(
      'it is over',
      async () => {
        const { finishedAt } = await admin.call('getOperation', { params: { operation } });
        return finishedAt !== null;
      },
      60_000,
    );
    await until('nothing is left', async () => (await canaries()).length === 0, 90_000);
    await server.kill();
  }, 240_000);
});

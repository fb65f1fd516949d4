import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { provision } from '../support/tenant.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  await provision(server, 'acme');
  for (let i = 0; i < 10; i++) {
    await server.admin.call('updateTenant', { params: { tenant: 'acme' }, body: { name: `Name ${i}` } });
  }
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

const verify = () => server.admin.call('verifyAudit', {});

test('an untouched chain is whole', async () => {
  const { rows } = await server.superuser.query<{ n: number; hash: string }>(
    `SELECT count(*)::int AS n, (SELECT hash FROM tenantry_audit.head) AS hash FROM tenantry_audit.events`,
  );
  expect(await verify()).toEqual({ ok: true, checked: rows[0]!.n, head: rows[0]!.hash, broken: null });
});

describe('what a superuser changes is found, and the first broken row is named', () => {
  const changes: readonly [name: string, sql: string, broken: object][] = [
    [
      'an action',
      `UPDATE tenantry_audit.events SET action = 'tenant.create' WHERE seq = 5`,
      { seq: 5, problem: 'changed' },
    ],
    [
      'an actor',
      `UPDATE tenantry_audit.events SET actor_name = 'nobody' WHERE seq = 1`,
      { seq: 1, problem: 'changed' },
    ],
    [
      'a time',
      `UPDATE tenantry_audit.events SET at = at + interval '1 ms' WHERE seq = 5`,
      { seq: 5, problem: 'changed' },
    ],
    [
      'a reason',
      `UPDATE tenantry_audit.events SET reason = 'x' WHERE seq = 5`,
      { seq: 5, problem: 'changed' },
    ],
    [
      'a tenant',
      `UPDATE tenantry_audit.events SET tenant_id = NULL WHERE seq = 6`,
      { seq: 6, problem: 'changed' },
    ],
    [
      'white space in a value',
      `UPDATE tenantry_audit.events SET after = (after::text || ' ')::json WHERE seq = 6`,
      { seq: 6, problem: 'changed' },
    ],
    [
      'text moved from one field to the next',
      `UPDATE tenantry_audit.events SET target_kind = target_kind || '1', target_id = substr(target_id, 2) WHERE seq = 6`,
      { seq: 6, problem: 'changed' },
    ],
    [
      'a hash',
      `UPDATE tenantry_audit.events SET hash = repeat('0', 64) WHERE seq = 7`,
      { seq: 7, problem: 'changed' },
    ],
    [
      'the hash before',
      `UPDATE tenantry_audit.events SET prev_hash = repeat('0', 64) WHERE seq = 7`,
      { seq: 7, problem: 'changed' },
    ],
    [
      'a row and its hash',
      `UPDATE tenantry_audit.events SET action = 'x' WHERE seq = 7; UPDATE tenantry_audit.events e SET hash = tenantry_audit.row_hash(e) WHERE seq = 7`,
      { seq: 8, problem: 'link' },
    ],
    [
      'a deleted row in the middle',
      `DELETE FROM tenantry_audit.events WHERE seq = 8`,
      { seq: 8, problem: 'missing' },
    ],
    [
      'a deleted first row',
      `DELETE FROM tenantry_audit.events WHERE seq = 1`,
      { seq: 1, problem: 'missing' },
    ],
    [
      'a deleted last row',
      `DELETE FROM tenantry_audit.events WHERE seq = (SELECT max(seq) FROM tenantry_audit.events)`,
      { problem: 'truncated' },
    ],
    ['all rows deleted', `DELETE FROM tenantry_audit.events`, { seq: 1, problem: 'truncated' }],
    [
      'two rows swapped',
      `UPDATE tenantry_audit.events SET seq = CASE seq WHEN 4 THEN -5 ELSE -4 END WHERE seq IN (4, 5); UPDATE tenantry_audit.events SET seq = -seq WHERE seq < 0`,
      { seq: 4, problem: 'changed' },
    ],
    [
      'a row added',
      `INSERT INTO tenantry_audit.events SELECT (e).* FROM (SELECT jsonb_populate_record(e, jsonb_build_object('seq', m.max + 1, 'id', 'a_forged')) AS e FROM tenantry_audit.events e, (SELECT max(seq) FROM tenantry_audit.events) m WHERE seq = 5) x`,
      { problem: 'changed' },
    ],
  ];
  test.each(changes)('%s', async (_, sql, broken) => {
    await server.superuser.query(`CREATE TABLE public.kept AS SELECT * FROM tenantry_audit.events`);
    try {
      await server.superuser.query(sql);
      const found = await verify();
      expect(found.ok).toBe(false);
      expect(found.broken).toMatchObject(broken);
      expect(found.broken?.message).toContain(String(found.broken?.seq));
    } finally {
      await server.superuser.query(
        `DELETE FROM tenantry_audit.events; INSERT INTO tenantry_audit.events SELECT * FROM public.kept; DROP TABLE public.kept`,
      );
    }
    expect((await verify()).ok).toBe(true);
  });
});

test('fifty writers at once: no gap, no fork, and time never runs backwards', async () => {
  const tenants = await Promise.all(Array.from({ length: 5 }, (_, i) => provision(server, `writer-${i}`)));
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      send(server, `/v1/tenants/${tenants[i % 5]!.id}`, { method: 'PATCH', body: { name: `Writer ${i}` } }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await verify()).ok).toBe(true);
  const { rows } = await server.superuser.query<{ gaps: number; backwards: number }>(
    `SELECT count(*) FILTER (WHERE seq <> row)::int AS gaps, count(*) FILTER (WHERE at < before)::int AS backwards
       FROM (SELECT seq, at, row_number() OVER (ORDER BY seq) AS row, lag(at) OVER (ORDER BY seq) AS before
               FROM tenantry_audit.events) e`,
  );
  expect(rows[0]).toEqual({ gaps: 0, backwards: 0 });
});

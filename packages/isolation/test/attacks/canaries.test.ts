import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { attackCell } from '../../src/attack-cell.ts';
import { attacks, laneTarget, loginTarget, runAttacks } from '../../src/attacks/index.ts';
import { isCanaryRole, plantCanaries, sweepCanaries } from '../../src/canaries.ts';
import { leftOf, slots, startCell, type TestCell } from './support.ts';

let cell: TestCell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

async function asControl<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(cell.control);
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('canaries', () => {
  test('are removed with their rows, large objects, logins and leases, and removing again is harmless', async () => {
    const pair = await plantCanaries({ control: cell.control, credentialKey: cell.credentialKey });
    expect(await leftOf(cell)).not.toEqual([]);
    await Promise.all([pair.remove(), pair.remove()]);
    await pair.remove();
    expect(await leftOf(cell)).toEqual([]);
  });

  test('of a run that is under way are left alone by another', async () => {
    const pair = await plantCanaries({ control: cell.control });
    expect(await asControl(sweepCanaries)).toEqual([]);
    const second = await plantCanaries({ control: cell.control });
    expect(second.swept).toEqual([]);
    await Promise.all([pair.remove(), second.remove()]);
    expect(await leftOf(cell)).toEqual([]);
  });

  test('of a run that was killed are found and removed by the next one', async () => {
    const pair = await plantCanaries({ control: cell.control, credentialKey: cell.credentialKey });
    const target = laneTarget(pair, 'leased', slots);
    await runAttacks(target, pair, { attacks: attacks.filter(({ id }) => id === 'read.union') });
    // What a killed process leaves: its connections end, and nothing else happens.
    await cell.superuser.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name ~ '^tenantry isolation'`,
    );
    expect(await leftOf(cell)).not.toEqual([]);
    const next = await attackCell({
      control: cell.control,
      targets: ['login'],
      attacks: attacks.slice(0, 3),
    });
    expect(next.notes).toEqual([expect.stringContaining(pair.run)]);
    expect(await leftOf(cell)).toEqual([]);
    await target.close();
  });

  test('are removed after the server has crashed in the middle of a run', async () => {
    const pair = await plantCanaries({ control: cell.control, credentialKey: cell.credentialKey });
    const target = loginTarget(pair);
    const running = runAttacks(target, pair).catch((error: unknown) => error);
    await cell.crash();
    expect(await running).toBeInstanceOf(Error);
    await target.close();
    await pair.remove();
    expect(await leftOf(cell)).toEqual([]);
    // Nothing is leased to anybody who is not there any more.
    const { rows } = await cell.superuser.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member WHERE s.rolname ~ '^tenantry_slot_' AND m.set_option`,
    );
    expect(rows).toEqual([{ left: 0 }]);
  });

  test('a tenant that is called like one, and has no such comment, is nobody’s to remove', async () => {
    const name = 't_canaryabcdef';
    expect(isCanaryRole(name)).toBe(true);
    await cell.superuser.query(`CREATE ROLE ${name}; COMMENT ON ROLE ${name} IS 'a customer'`);
    expect(await asControl(sweepCanaries)).toEqual([]);
    await cell.superuser.query(`DROP ROLE ${name}`);
  });

  test('a tenant cannot keep the ruins of a run alive by calling its session so', async () => {
    const pair = await plantCanaries({ control: cell.control });
    await cell.superuser.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'tenantry_control' AND application_name ~ '^tenantry isolation'`,
    );
    const tenant = await cell.loginAs(cell.tenant);
    await tenant.query(`SET application_name = 'tenantry isolation ${pair.run}'`);
    expect(await asControl(sweepCanaries)).toMatchObject([{ run: pair.run }]);
    await tenant.end();
    expect(await leftOf(cell)).toEqual([]);
  });

  test('no other tenant’s rows are read: its tables were not touched', async () => {
    const { rows: before } = await reads();
    await attackCell({
      control: cell.control,
      credentialKey: cell.credentialKey,
      targets: ['login', 'sealed', 'leased'],
    });
    const { rows: after } = await reads();
    expect(after).toEqual(before);
  }, 120_000);
});

/** What PostgreSQL has counted of the tables of the cell's own tenant. */
async function reads(): Promise<pg.QueryResult> {
  const client = await cell.superuser.connect();
  try {
    await client.query('SELECT pg_stat_force_next_flush()');
    return await client.query(
      'SELECT relname, seq_scan, idx_scan, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_all_tables WHERE schemaname = $1 ORDER BY relname',
      [cell.tenant],
    );
  } finally {
    client.release();
  }
}

test('a finding is found: one grant too many is a hit, and the run says so', async () => {
  const pair = await plantCanaries({ control: cell.control, credentialKey: cell.credentialKey });
  const { a, b } = pair;
  await cell.superuser.query(
    `GRANT USAGE ON SCHEMA ${b.schema} TO ${a.role}; GRANT SELECT ON ${b.schema}.notes TO ${a.role}`,
  );
  const target = loginTarget(pair);
  try {
    const results = await runAttacks(target, pair, {
      attacks: attacks.filter(({ id }) => ['read.union', 'read.query-to-xml', 'write.insert'].includes(id)),
    });
    const seen = results.map(({ attack, verdict, state }) => `${verdict} ${attack} ${state}`);
    expect(new Set(seen)).toEqual(
      new Set([
        'hit read.query-to-xml 00000',
        'hit read.union 00000',
        'held write.insert 42501',
        'held write.intact 00000',
      ]),
    );
  } finally {
    await target.close();
    await pair.remove();
  }
});

test('a control that is not hit fails the run', async () => {
  const run = await attackCell({
    control: cell.control,
    targets: ['search_path'],
    // The control is told to be hit by what nobody can do.
    attacks: attacks.flatMap((each) =>
      each.id === 'server.read-file' ? [{ ...each, hits: ['search_path' as const] }] : [],
    ),
  });
  expect(run.controls).toEqual([
    { control: 'search_path', expected: 1, hit: 0, missed: ['server.read-file'], ok: false },
  ]);
});

test('a key that is not the cell’s is refused, and nothing is left', async () => {
  await expect(
    attackCell({ control: cell.control, credentialKey: new Uint8Array(32) }),
  ).rejects.toMatchObject({ code: 'ISOLATION_CREDENTIAL_KEY' });
  expect(await leftOf(cell)).toEqual([]);
});

test('a lane whose slots are all taken is not one that held', async () => {
  const holders = await Promise.all(
    Array.from({ length: slots }, (_, n) => cell.loginAs(`tenantry_slot_${n + 1}`)),
  );
  const run = await attackCell({
    control: cell.control,
    credentialKey: cell.credentialKey,
    targets: ['leased'],
    attacks: attacks.slice(0, 2),
  });
  await Promise.all(holders.map((client) => client.end()));
  expect(run.attacks).toMatchObject([
    { attack: 'lease.open', verdict: 'unexpected', state: 'TENANCY_ACQUIRE_TIMEOUT' },
  ]);
});

test('a session that somebody else ends in the middle of a run is no finding: the attack is tried again', async () => {
  let told = 0;
  const ending: Promise<unknown>[] = [];
  // As the suspension of any tenant ends slots that nobody holds.
  const endSlots = () =>
    cell.superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ~ '^tenantry_slot_'`,
    );
  const run = await attackCell({
    control: cell.control,
    credentialKey: cell.credentialKey,
    targets: ['leased'],
    attacks: attacks.filter(({ family, level }) => family === 'define' || level === 'poison'),
    onResult: () => {
      if (++told % 10 === 0) ending.push(endSlots());
    },
  });
  expect((await Promise.all(ending)).length).toBeGreaterThan(8);
  const unanswered = run.attacks.filter(({ verdict }) => verdict === 'unexpected');
  expect(unanswered.map(({ attack, state }) => `${attack} ${state}`)).toEqual([]);
});

import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestCell } from '../support/cell.ts';
import { freeze, killAll, stopFast } from '../support/standby.ts';
import type { TenantId } from '../support/tenancy.ts';
import { lanes, openLoads, startPair, type Lane, type Pair, type Running } from './pair.ts';

/** From the moment when the standby is the primary until every tenant has had a write acknowledged. */
// The promise is five seconds. A build's two processors also carry two servers and the callers of three applications.
const backWithinMs = process.env['CI'] === undefined ? 5_000 : 10_000;

/** Takes the primary away. Gives what brings it back, as the primary that it believes to be. */
type Way = (cell: TestCell) => Promise<() => Promise<void>>;

const ways: readonly (readonly [name: string, way: Way])[] = [
  [
    'kill -9 of the primary and all its processes',
    async ({ postgres }) => {
      await killAll(postgres.dataDirectory);
      return () => postgres.restart();
    },
  ],
  [
    'a fast stop of the primary',
    async ({ postgres }) => {
      await stopFast(postgres.dataDirectory);
      return () => postgres.restart();
    },
  ],
  ['a primary that is frozen', ({ postgres }) => freeze(postgres.dataDirectory)],
];

describe.each(ways)('%s, under load, and a standby that is promoted', (name, takeAway) => {
  let pair: Pair;
  let running: readonly Running[];
  const backMs = new Map<Lane, number | undefined>();
  const written = new Map<Lane, readonly number[]>();
  let atTheOld: number;

  beforeAll(async () => {
    pair = await startPair();
    running = await openLoads(pair);
    const { cell, standby } = pair;
    const counts = (): readonly number[] => running.map(({ load }) => load.count);
    const before = counts();
    const bringBack = await takeAway(cell);
    const asked = performance.now();
    const back = Promise.all(running.map(({ load }) => load.backSince(asked, 4 * backWithinMs)));
    await standby.promote();
    // How long a server takes to become a primary is its own.
    const promoted = performance.now();
    for (const [i, at] of (await back).entries())
      backMs.set(lanes[i]!, at === undefined ? undefined : Math.round(at - promoted));
    const after = counts();

    // Nothing but its timeline tells it from the real one, and it acknowledges all by itself.
    await bringBack();
    await cell.superuser.query('ALTER SYSTEM RESET synchronous_standby_names');
    await cell.superuser.query('SELECT pg_reload_conf()');
    await allWrite(running);
    for (const { tenancy } of running) tenancy.softEvict();
    await allWrite(running);
    // For a moment the old one is all there is.
    await standby.restart();
    await allWrite(running);
    atTheOld = await connectionsAt(cell.superuser);
    await Promise.all(running.map(({ load }) => load.stop()));
    const end = counts();
    for (const [i, lane] of lanes.entries()) written.set(lane, [before[i]!, after[i]!, end[i]!]);
    console.log(`${name}: ${lanes.map((lane) => `${lane} back after ${backMs.get(lane)} ms`).join(', ')}`);
  }, 120_000);
  afterAll(async () => {
    await Promise.all((running ?? []).map(({ tenancy }) => tenancy.close({ deadlineMs: 1_000 })));
    await pair?.stop();
  });

  describe.each(lanes)('lane %s', (lane) => {
    const acknowledged = (): ReadonlyMap<TenantId, ReadonlySet<string>> =>
      running.find((each) => each.lane === lane)!.load.acknowledged;

    test('no acknowledged write is lost, and none is there twice', async () => {
      for (const [tenant, writes] of acknowledged()) {
        const rows = await rowsOf(pair.standby.superuser, tenant, lane);
        expect([...writes].filter((body) => !rows.has(body))).toEqual([]);
        expect([...rows].filter(([, times]) => times > 1)).toEqual([]);
      }
    });

    test(`every tenant writes again within ${backWithinMs} ms of the promotion`, () => {
      expect(backMs.get(lane)).toBeLessThan(backWithinMs);
      const [before, after, end] = written.get(lane)! as [number, number, number];
      expect(before).toBeGreaterThan(100);
      expect(after).toBeGreaterThan(before);
      expect(end).toBeGreaterThan(after);
    });
  });

  test('a primary that comes back gets nobody’s work', () => {
    expect(atTheOld).toBe(0);
  });
});

/** Resolves when every tenant has written on every lane since now. */
async function allWrite(running: readonly Running[]): Promise<void> {
  const since = performance.now();
  const back = await Promise.all(running.map(({ load }) => load.backSince(since, 4 * backWithinMs)));
  expect(back).not.toContain(undefined);
}

/** Tenants, slots and brokers that are connected to a server. */
async function connectionsAt(superuser: pg.Pool): Promise<number> {
  const { rows } = await superuser.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename LIKE 't\\_%' OR usename ~ '^tenantry_(slot_|broker)'`,
  );
  return rows[0]!.n;
}

/** What a tenant has of a lane's writes, and how often. */
async function rowsOf(
  superuser: pg.Pool,
  tenant: TenantId,
  lane: Lane,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await superuser.query<{ body: string; times: number }>(
    `SELECT body, count(*)::int AS times FROM ${tenant}.notes WHERE body LIKE $1 GROUP BY body`,
    [`${lane} %`],
  );
  return new Map(rows.map(({ body, times }) => [body, times]));
}

import { createTenancy, type PoolOptions, type Tenancy, type TenantClient } from '@tenantry/tenancy';
import { staticDirectory, type Placement } from '@tenantry/tenancy/directory';
import type pg from 'pg';
import type { CanaryPair } from '../../canaries.ts';
import type { AttackLevel } from '../attack.ts';
import type { Answer, AttackTarget, Session, Side } from '../target.ts';
import { loginConfig, needsMet } from './login.ts';
import { dial, hangUp, RawSession } from './raw.ts';

/** The lanes of the library. */
export type LaneChoice = 'sealed' | 'leased' | 'auto';

const titles: Readonly<Record<LaneChoice, string>> = {
  sealed: 'the library’s sealed lane: a connection logs in as its tenant',
  leased: 'the library’s leased lane: a slot is lent to one tenant at a time',
  auto: 'the library as an application has it: sealed for the busy, leased for the others',
};

/**
 * A lane of the library, through its public door. Level 1 and 3 go over the pool, where an injected text arrives; what needs a
 * session goes over a client that the attacker holds.
 */
export function laneTarget(pair: CanaryPair, lane: LaneChoice, slots: number): AttackTarget {
  const wide = openTenancy(pair, lane, slots, { maximumPoolSize: Math.max(2, Math.min(slots || 4, 4)) });
  const victims: pg.Client[] = [];
  return {
    name: lane,
    title: titles[lane],
    kind: 'lane',
    provides: needsMet(pair),
    // One is left for the victim’s tenant.
    concurrency: Math.max(1, Math.min(slots || 4, 3)),
    open: async (side) => laneSession(wide, pair, side),
    async handOver() {
      // One connection, so that the next tenant gets the same one wherever it can.
      const narrow = openTenancy(pair, lane, slots, { maximumPoolSize: 1, maximumPerTenant: 1 });
      return {
        as: async (side) => laneSession(narrow, pair, side),
        close: () => narrow.close({ deadlineMs: 1_000 }),
      };
    },
    async victim() {
      const client = await dial(loginConfig(pair, 'b'));
      victims.push(client);
      return RawSession.on(client, () => client.end());
    },
    async close() {
      await hangUp(victims);
      await wide.close({ deadlineMs: 1_000 });
    },
  };
}

function openTenancy(pair: CanaryPair, lane: LaneChoice, slots: number, pool: PoolOptions): Tenancy {
  return createTenancy({
    directory: staticDirectory([placementOf(pair, 'a', lane, slots), placementOf(pair, 'b', lane, slots)]),
    credentialKey: pair.credentialKey,
    lane,
    pool: { queryTimeout: 10_000, ...pool },
    applicationName: 'tenantry isolation',
  });
}

function placementOf(pair: CanaryPair, side: Side, lane: LaneChoice, slots: number): Placement {
  const { host, port, database, ssl } = pair.address;
  const { tenant, schema } = pair[side];
  return {
    tenant,
    slug: `canary-${side}`,
    state: 'active',
    schema,
    credentialVersion: 1,
    level: 'sealed',
    cell: {
      id: 'canary',
      hosts: [{ host, port }],
      database,
      ...(ssl === undefined ? {} : { ssl }),
      lanes: lane === 'sealed' ? ['sealed'] : ['sealed', 'leased'],
      slots,
    },
  };
}

/** A client is taken with the first statement that needs one, and kept to the end. */
function laneSession(tenancy: Tenancy, pair: CanaryPair, side: Side): Session {
  const { pool } = tenancy.for(pair[side].tenant);
  let held: TenantClient | undefined;
  let heard: Answer['heard'][number][] = [];
  const hold = async (): Promise<TenantClient> => {
    if (held !== undefined) return held;
    held = (await pool.connect()) as unknown as TenantClient;
    held.on('notice', ({ code, message }: { code?: string; message?: string }) =>
      heard.push({ code, text: message ?? '' }),
    );
    held.on('notification', ({ channel, payload }: pg.Notification) =>
      heard.push({ text: `${channel} ${payload ?? ''}` }),
    );
    return held;
  };
  return {
    async query(sql: string, level: AttackLevel) {
      heard = [];
      const alone = held === undefined && (level === 'L1' || level === 'L3');
      const result = (await (alone ? pool.query(sql) : (await hold()).query(sql))) as pg.QueryResult;
      return { rows: [result].flat().flatMap((each) => (each.rows ?? []) as unknown[]), heard };
    },
    async release() {
      held?.release();
      held = undefined;
    },
  };
}

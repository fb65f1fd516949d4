import { startTestCell, type TestCell } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { addStandby, type Standby } from '../support/standby.ts';
import { createTenancy, type PoolOptions, type Tenancy } from '../support/tenancy.ts';
import { Load } from './load.ts';

export const lanes = ['sealed', 'leased', 'auto'] as const;
export type Lane = (typeof lanes)[number];

/** A frozen server is noticed by nothing but these; the defaults are longer. */
const limits = {
  maximumPoolSize: 16,
  queryTimeout: 1_500,
  connectTimeout: 1_000,
  validationTimeout: 500,
} as const satisfies PoolOptions;

/** A day: a timeout cannot be switched off. */
const never = 86_400_000;
export const noTimeouts: PoolOptions = { ...limits, queryTimeout: never, connectTimeout: never };

/** A cell of twenty tenants and its standby. */
export interface Pair {
  readonly cell: TestCell;
  readonly standby: Standby;
  stop(): Promise<void>;
}

export async function startPair(): Promise<Pair> {
  const settings = { max_connections: 150 };
  // Slots for two processes that lease.
  const cell = await startTestCell({ tenants: 20, slots: 50, iterations: 64, settings });
  const standby = await addStandby(cell, settings);
  return {
    cell,
    standby,
    async stop() {
      await standby.stop();
      await cell.stop();
    },
  };
}

/** A tenancy, as one process of an application has it, and its callers. */
export interface Running {
  readonly lane: Lane;
  readonly tenancy: Tenancy;
  readonly load: Load;
}

/** Forty callers on each lane, at work for every tenant. The standby is listed first: the primary has to be found. */
export async function openLoads(
  { cell, standby }: Pair,
  pool: PoolOptions = limits,
): Promise<readonly Running[]> {
  const hosts = [standby.port, cell.postgres.port].map((port) => ({ host: '127.0.0.1', port }));
  const tenants = cell.tenants.map(({ id }) => id);
  const running = lanes.map((lane) => {
    const directory = new TestDirectory(cell.placements({ hosts }));
    const tenancy = createTenancy({ directory, credentialKey: cell.credentialKey, lane, pool });
    return { lane, tenancy, load: new Load({ tenancy, tenants, callers: 40, name: lane }) };
  });
  const deadline = performance.now() + 60_000;
  const waiting = () => running.filter(({ load }) => load.without(1).length > 0 || load.count < 500);
  while (waiting().length > 0) {
    if (performance.now() > deadline) {
      const how = waiting().map(
        ({ lane, load }) => `${lane}: ${load.count}, without ${load.without(1).join(' ')}`,
      );
      throw new Error(`The callers did not get going in 60 s. ${how.join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return running;
}

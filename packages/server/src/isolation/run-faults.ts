import {
  faults,
  findingOfFault,
  injectFaults,
  summariseFaults,
  tenantryLayout,
  type Fault,
  type FaultResult,
  type FaultSummary,
  type ServerFingerprint,
} from '@tenantry/isolation';
import pg from 'pg';
import type { StepContext } from '../operations/definition.ts';
import type { TenantContext } from '../tenants/context.ts';
import type { PartOutcome } from './part-outcome.ts';
import { withThrowAwayCell, type ThrowAwayCell } from './throw-away-cell.ts';

/** How many faults are put in between two messages to watchers. */
const reportEvery = 10;

/** Puts every fault of the catalogue into a cell that was made for it, one at a time, and counts what is noticed. */
export async function runFaults(context: StepContext): Promise<PartOutcome> {
  const progress = { faults: faults.length, tried: 0, found: 0 };
  let telling = Promise.resolve();
  const score = await injectInto(context.ctx as TenantContext, faults, context.signal, ({ status }) => {
    progress.tried += 1;
    if (status === 'found') progress.found += 1;
    if (progress.tried % reportEvery !== 0) return;
    const now = { ...progress };
    // What cannot be told is met again by the end of the step, which writes to the same rows.
    telling = telling.then(() => context.report(now)).catch(() => undefined);
  });
  await telling;
  context.signal.throwIfAborted();
  return {
    server: score.server,
    findings: score.missed.map(findingOfFault),
    covers: ({ check }) => check === 'faults.missed',
    tenants: score.tenants,
    notes: [],
    attacks: null,
    faults: {
      total: score.total,
      found: score.found,
      foundByOracle: score.foundByOracle,
      skipped: score.skipped.length,
    },
    detail: { missed: score.missed, skipped: score.skipped },
  };
}

/**
 * Makes a PostgreSQL with the roles, the layout and the migrations of this installation, puts faults into it, and removes it. No tenant's
 * data is in it.
 */
export function injectInto(
  ctx: TenantContext,
  some: readonly Fault[],
  signal: AbortSignal,
  onResult: (result: FaultResult) => void,
): Promise<FaultSummary & { readonly server: ServerFingerprint; readonly tenants: number }> {
  return withThrowAwayCell(ctx, signal, async ({ database, registry, superuser, server }) => {
    const entries = [...registry.entries.values()];
    const { results } = await injectFaults({
      connect: () => connect(superuser),
      layout: tenantryLayout({
        database,
        lanes: registry.lanes,
        tenants: entries.map(({ schema, state }) => ({ schema, state })),
        readers: registry.readers,
        extensions: registry.extensions,
      }),
      faults: some,
      signal,
      onResult,
    });
    return { ...summariseFaults(results), server, tenants: entries.length };
  });
}

async function connect(superuser: ThrowAwayCell['superuser']): Promise<pg.Client> {
  const client = new pg.Client(superuser);
  client.on('error', () => {});
  await client.connect();
  return client;
}

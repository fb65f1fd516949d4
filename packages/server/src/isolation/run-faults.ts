import { faults, findingOfFault, injectFaults, summariseFaults, tenantryLayout } from '@tenantry/isolation';
import pg from 'pg';
import type { StepContext } from '../operations/definition.ts';
import type { TenantContext } from '../tenants/context.ts';
import { withThrowAwayCell, type ThrowAwayCell } from './throw-away-cell.ts';
import type { PartOutcome } from './part-outcome.ts';

/**
 * Puts every fault of the catalogue into a cell that was made for it, one at a time, and counts what is noticed. The cell is a PostgreSQL of its own, with
 * the roles, the layout and the migrations of this installation; no tenant's data is in it.
 */
export async function runFaults(context: StepContext): Promise<PartOutcome> {
  const ctx = context.ctx as TenantContext;
  return withThrowAwayCell(ctx, context.signal, async (copy) => {
    let tried = 0;
    let found = 0;
    let telling = Promise.resolve();
    const { results } = await injectFaults({
      connect: () => connect(copy),
      layout: tenantryLayout({
        database: copy.database,
        lanes: ['sealed', 'leased'],
        tenants: [...copy.registry.entries.values()].map(({ schema, state }) => ({ schema, state })),
        readers: copy.registry.readers,
      }),
      faults,
      signal: context.signal,
      onResult: ({ status }) => {
        tried += 1;
        if (status === 'found') found += 1;
        const detail = { faults: faults.length, tried, found };
        if (tried % 10 === 0) telling = telling.then(() => context.report(detail)).catch(() => undefined);
      },
    });
    await telling;
    context.signal.throwIfAborted();
    const score = summariseFaults(results);
    return {
      server: copy.server,
      findings: score.missed.flatMap((fault) => findingOfFault(fault)),
      covers: ({ check }) => check === 'faults.missed',
      tenants: copy.registry.entries.size,
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
  });
}

async function connect(copy: ThrowAwayCell): Promise<pg.Client> {
  const client = new pg.Client(copy.superuser);
  client.on('error', () => {});
  await client.connect();
  return client;
}

import pg from 'pg';
import { faults, injectFaults } from '../faults/index.ts';
import type { FaultSummary } from '../result.ts';
import { layoutOf } from './verify.ts';

/** Injects every fault of the catalogue into a copy, one at a time, and counts who noticed. */
export async function scoreFaults(control: pg.ClientConfig, config: unknown): Promise<FaultSummary> {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ application_name: 'tenantry isolation', ...control });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const client = await connect();
  try {
    const { results } = await injectFaults({ connect, layout: await layoutOf(client, config), faults });
    const tried = results.filter(({ status }) => status !== 'skipped');
    return {
      total: tried.length,
      found: tried.filter(({ status }) => status === 'found').length,
      foundByOracle: tried.filter(({ oracle }) => oracle).length,
      missed: tried
        .filter(({ status }) => status === 'missed')
        .map(({ fault: { id, title } }) => ({ id, title })),
      skipped: results
        .filter(({ status }) => status === 'skipped')
        .map(({ fault: { id, title }, reason }) => ({ id, title, reason: reason ?? '' })),
    };
  } finally {
    await client.end();
  }
}

import pg from 'pg';
import {
  faults,
  injectFaults,
  startFaultCopy,
  summariseFaults,
  type FaultCopy,
  type FaultResult,
} from '../faults/index.ts';
import type { FaultSummary } from '../result.ts';
import { layoutOf } from './verify.ts';

export interface FaultRun {
  /** What to put in, by the beginning of its id; all where nothing is given. */
  readonly only: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onResult: (result: FaultResult, done: number, total: number) => void;
}

/** Puts faults into a copy, one at a time, and counts who noticed. */
export async function scoreFaults(
  copy: Pick<FaultCopy, 'connect' | 'layout'>,
  { only, signal, onResult }: FaultRun,
): Promise<FaultSummary> {
  const wanted = faults.filter(({ id }) => only?.some((prefix) => id.startsWith(prefix)) ?? true);
  let done = 0;
  const { results } = await injectFaults({
    ...copy,
    faults: wanted,
    signal,
    onResult: (result) => onResult(result, (done += 1), wanted.length),
  });
  return summariseFaults(results);
}

/** A copy that somebody has made, and says so: its superuser's connection. */
export async function givenCopy(superuser: pg.ClientConfig, config: unknown): Promise<FaultCopy> {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ application_name: 'tenantry isolation', ...superuser });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const client = await connect();
  try {
    return { superuser, connect, layout: await layoutOf(client, config), stop: () => Promise.resolve() };
  } finally {
    await client.end();
  }
}

export { startFaultCopy };

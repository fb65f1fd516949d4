import pg from 'pg';
import {
  faults,
  injectFaults,
  startFaultCopy,
  summariseFaults,
  type Fault,
  type FaultCopy,
  type FaultResult,
} from '../faults/index.ts';
import { IsolationError } from '../isolation-error.ts';
import type { FaultSummary } from '../result.ts';
import { layoutOf } from './verify.ts';

export interface FaultRun {
  readonly faults: readonly Fault[];
  readonly signal: AbortSignal;
  readonly onResult: (result: FaultResult, done: number, total: number) => void;
}

/** The faults whose ids begin with one of the words; all where none is given. Throws ISOLATION_OPTION for a word that fits none. */
export function faultsBy(only: readonly string[] | undefined): readonly Fault[] {
  for (const prefix of only ?? []) {
    if (!faults.some(({ id }) => id.startsWith(prefix)))
      throw new IsolationError('ISOLATION_OPTION', `--only: no fault's id begins with "${prefix}".`);
  }
  return faults.filter(({ id }) => only?.some((prefix) => id.startsWith(prefix)) ?? true);
}

/** Puts faults into a copy, one at a time, and counts who noticed. */
export async function scoreFaults(
  copy: Pick<FaultCopy, 'connect' | 'layout'>,
  { faults: wanted, signal, onResult }: FaultRun,
): Promise<FaultSummary> {
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

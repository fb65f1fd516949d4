import type { PoolEvent } from '../pool/metrics.ts';
import type { SecuritySignal } from './event.ts';

/** What an event of a pool says was refused, or undefined where it is about something else. */
export function signalOf(event: PoolEvent): SecuritySignal | undefined {
  if (event.type === 'statement-refused') {
    const { kind, tenant, cell, lane, sqlState, fingerprint } = event;
    return { kind, tenant, cell, lane, sqlState, fingerprint };
  }
  if (event.type !== 'lane-refused' && event.type !== 'login-refused') return undefined;
  const { type: kind, tenant, cell, lane, sqlState } = event;
  const code = kind === 'lane-refused' ? 'TENANCY_LANE_VIOLATION' : undefined;
  return { kind, code, tenant, cell, lane, sqlState };
}

import type { PoolEvent } from '../pool/metrics.ts';
import type { SecuritySignal } from './event.ts';

/** What an event of a pool says was refused, or undefined where it is about something else. */
export function signalOf(event: PoolEvent): SecuritySignal | undefined {
  switch (event.type) {
    case 'statement-refused': {
      const { kind, tenant, cell, lane, sqlState, fingerprint } = event;
      return { kind, tenant, cell, lane, sqlState, fingerprint };
    }
    case 'lane-refused': {
      const { tenant, cell, lane, sqlState } = event;
      return { kind: 'lane-refused', code: 'TENANCY_LANE_VIOLATION', tenant, cell, lane, sqlState };
    }
    case 'login-refused': {
      const { tenant, cell, lane, sqlState } = event;
      return { kind: 'login-refused', tenant, cell, lane, sqlState };
    }
    default:
      return undefined;
  }
}

import type { Context } from '../db/context.ts';
import { findPlaced } from '../tenants/placement.ts';
import type { SecurityRecorder } from './recorder.ts';

/** Lookups at a time; whoever asks for tenants that are not there without end costs no more than this. */
const mostLookups = 4;
let lookups = 0;

/**
 * Takes in that an application asked for a tenant that is suspended, archived or about to be deleted: somebody uses a door that was
 * closed. Not waited for, so that the caller, who is told of no tenant alike, cannot learn from the time that it takes.
 */
export function noteClosedTenant(ctx: Context, ref: string, recorder: SecurityRecorder): void {
  if (lookups >= mostLookups) return;
  lookups += 1;
  void note(ctx, ref, recorder).finally(() => {
    lookups -= 1;
  });
}

async function note(ctx: Context, ref: string, recorder: SecurityRecorder): Promise<void> {
  try {
    const tenant = await findPlaced(ctx, ref);
    if (tenant === undefined || tenant.state === 'active' || tenant.state === 'provisioning') return;
    const now = ctx.clock();
    await recorder.record('control-plane', [
      {
        kind: 'tenant-closed',
        tenantId: tenant.id,
        cell: tenant.cell,
        lane: null,
        sqlState: null,
        fingerprint: null,
        count: 1,
        firstAt: now,
        lastAt: now,
      },
    ]);
  } catch (err) {
    ctx.log.debug({ err }, 'A request for a closed tenant could not be noted');
  }
}

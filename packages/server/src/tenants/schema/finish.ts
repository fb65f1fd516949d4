import { makeLessor } from './lessor.ts';
import { probeIsolation, type ProbeInput } from './probe.ts';

export interface FinishInput extends ProbeInput {
  /** The cell allows leases. */
  readonly leased: boolean;
}

/**
 * What is left to do when a schema is built: proving that its tenant is contained, and the functions that lease it, at the
 * same time since neither needs the other. Both have ended when this returns or throws: a rollback must not meet one of
 * them under way. Safe to run again.
 */
export async function finishSchema(input: FinishInput): Promise<{ readonly attempts: number }> {
  const [probed, made] = await Promise.allSettled([
    probeIsolation(input),
    input.leased ? makeLessor(input.cell, input.tenant) : undefined,
  ]);
  if (probed.status === 'rejected') throw probed.reason;
  if (made.status === 'rejected') throw made.reason;
  return probed.value;
}

import type { Logger } from 'pino';
import type { ControlDatabase } from '../db/database.ts';
import type { EmbeddedCell } from '../db/embedded/index.ts';
import type { EventHub } from '../operations/event-hub.ts';
import { recordLogged } from '../security/logged.ts';
import { SecurityRecorder } from '../security/recorder.ts';
import { findingLogger } from './log-findings.ts';
import type { Shutdown } from './shutdown.ts';

export interface SecurityParts {
  readonly control: ControlDatabase;
  readonly hub: EventHub;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly embedded: EmbeddedCell | undefined;
}

/** What takes in refusals: those that are reported, and those that the log of the embedded PostgreSQL tells. */
export async function startSecurity(parts: SecurityParts, shutdown: Shutdown): Promise<SecurityRecorder> {
  const { control, hub, log, clock, embedded } = parts;
  const recorder = new SecurityRecorder({ db: control.db, log, clock, wake: () => hub.wake() });
  shutdown.add('security events', () => recorder.stop());
  if (embedded) {
    const stop = embedded.onRefusals((refusals) => recordLogged({ db: control.db, log, recorder }, refusals));
    shutdown.add('log of PostgreSQL', stop);
  }
  const leave = await hub.subscribe(findingLogger(log), undefined);
  shutdown.add('log of findings', async () => leave());
  return recorder;
}

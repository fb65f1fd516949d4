import type { ReportSecurityEvents, SecurityReport } from '@tenantry/contract';
import type { SecurityRecorder } from './recorder.ts';

/**
 * Takes in what an application, or the reader of an external cell's log, has seen. A report that was here before is not counted
 * again. There is no audit event of it: an audit event is what somebody did, and this is told by programs, many times a second.
 */
export async function reportSecurityEvents(
  recorder: SecurityRecorder,
  { report, source, events, dropped }: ReportSecurityEvents,
): Promise<SecurityReport> {
  const refusals = events.map((event) => ({
    ...event,
    firstAt: new Date(event.firstAt),
    lastAt: new Date(event.lastAt),
  }));
  const isNew = await recorder.record(source, refusals, report);
  if (isNew) recorder.counters.addDropped(dropped);
  return { accepted: isNew ? events.length : 0 };
}

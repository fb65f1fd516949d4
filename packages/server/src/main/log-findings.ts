import type { Logger } from 'pino';
import type { Subscriber } from '../operations/event-hub.ts';

interface Settled {
  readonly cellId: string;
  readonly part: string;
  readonly run: string | null;
  readonly opened: number;
  readonly resolved: number;
  readonly findings: readonly {
    readonly check: string;
    readonly subject: string;
    readonly severity: string;
  }[];
}

/**
 * A line of JSON with stable names for each finding that is opened, and one for what a part of a run has changed, for filters in
 * whatever reads the log. From the event stream, so that what was not committed is not told.
 */
export function findingLogger(log: Logger): Subscriber {
  return {
    accepts: ({ type }) => type === 'isolation.findings',
    send({ data }) {
      const { cellId, part, run, opened, resolved, findings } = data as unknown as Settled;
      log.warn({ event: 'isolation_findings', cellId, part, run, opened, resolved }, 'Findings have changed');
      for (const { check, subject, severity } of findings)
        log.error(
          { event: 'isolation_finding', cellId, part, run, check, subject, severity },
          'A finding is open',
        );
    },
    resync: () => {},
  };
}

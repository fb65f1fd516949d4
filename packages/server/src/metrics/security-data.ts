import type { SecurityEventKind } from '@tenantry/contract';
import type { SecurityCounters } from '../security/counters.ts';
import type { CloudWatchMetric } from './catalogue.ts';
import type { Datum } from './datum.ts';

type Totals = ReadonlyMap<CloudWatchMetric, number>;

const statements: ReadonlySet<SecurityEventKind> = new Set([
  'denied',
  'foreign-name',
  'role-switch',
  'guard',
]);

/** What has been refused since this process started, by metric. */
export function securityTotals(counters: SecurityCounters): Totals {
  const count = (fits: (kind: SecurityEventKind, source: string) => boolean): number =>
    counters.all.reduce((sum, { kind, source, count: n }) => (fits(kind, source) ? sum + n : sum), 0);
  return new Map<CloudWatchMetric, number>([
    ['DeniedStatements', count((kind, source) => source === 'lane' && statements.has(kind))],
    ['DeniedStatementsLogged', count((kind, source) => source === 'log' && statements.has(kind))],
    ['LaneViolations', count((kind) => kind === 'lane-refused' || kind === 'lane-assertion')],
    ['RefusedLogins', count((kind, source) => source === 'lane' && kind === 'login-refused')],
    ['RefusedLoginsLogged', count((kind, source) => source === 'log' && kind === 'login-refused')],
    ['SecurityEventsDropped', counters.dropped],
  ]);
}

/** What was added since. Zeros too, so that an alarm sees that somebody counts. */
export function securityData(now: Totals, sent: Totals): readonly Datum[] {
  return Array.from(now, ([metric, total]) => ({ metric, value: total - (sent.get(metric) ?? 0) }));
}

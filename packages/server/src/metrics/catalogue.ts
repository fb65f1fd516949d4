/** A metric that is sent to CloudWatch. */
export interface MetricDescription {
  readonly unit: 'Count' | 'Seconds';
  /** Also sent for each cell, with the dimension Cell. */
  readonly byCell?: boolean;
  /** How values of one period belong together: what an alarm should take. */
  readonly statistic: 'Maximum' | 'Sum';
  readonly meaning: string;
}

/**
 * Every metric of the namespace. None has a dimension that names a tenant: their number has no bound, each would cost money of its
 * own, and their names are nobody's business.
 */
export const cloudWatchMetrics = {
  Heartbeat: {
    unit: 'Count',
    statistic: 'Sum',
    meaning: '1 each time that the control plane sends. Without it nobody is there',
  },
  IsolationViolations: {
    unit: 'Count',
    statistic: 'Maximum',
    byCell: true,
    meaning: 'Findings that are open and that nobody has accepted. Not sent while nobody knows',
  },
  OpenCriticalFindings: { unit: 'Count', statistic: 'Maximum', meaning: 'Of those, the critical ones' },
  OpenHighFindings: { unit: 'Count', statistic: 'Maximum', meaning: 'The high ones' },
  OpenMediumFindings: { unit: 'Count', statistic: 'Maximum', meaning: 'The medium ones' },
  OpenLowFindings: { unit: 'Count', statistic: 'Maximum', meaning: 'The low ones' },
  AcceptedFindings: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Findings that somebody has accepted for a while',
  },
  VerificationAgeSeconds: {
    unit: 'Seconds',
    statistic: 'Maximum',
    meaning:
      'Since audit, oracle and probes have all come to an end, on the cell where that is longest ago. Not sent where one never has',
  },
  AuditAgeSeconds: {
    unit: 'Seconds',
    statistic: 'Maximum',
    byCell: true,
    meaning: 'Since the last catalog audit came to an end. Not sent where none has',
  },
  VerificationsLate: { unit: 'Count', statistic: 'Maximum', meaning: 'Parts of verification that are late' },
  ChecksRun: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Checks that have been run, of all that there are',
  },
  AttacksRefused: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Attacks of the last run that were refused as they must be',
  },
  AttacksSucceeded: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Attacks of the last run with which one tenant reached another',
  },
  ControlsMissed: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Attacks that had to succeed on the positive controls and did not: the run proves nothing',
  },
  FaultsMissed: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Faults of the last injection that nothing has noticed',
  },
  TenantsRegistered: { unit: 'Count', statistic: 'Maximum', meaning: 'Tenants that have a schema' },
  TenantsVerified: {
    unit: 'Count',
    statistic: 'Maximum',
    meaning: 'Of those, the ones that the last audits looked at',
  },
  DeniedStatements: {
    unit: 'Count',
    statistic: 'Sum',
    meaning:
      'Statements that were refused since the last time, as lanes saw it: denied, foreign-name, role-switch, guard',
  },
  DeniedStatementsLogged: {
    unit: 'Count',
    statistic: 'Sum',
    meaning: 'The same, as the log of PostgreSQL has it',
  },
  LaneViolations: {
    unit: 'Count',
    statistic: 'Sum',
    meaning:
      'Connections that could not become their tenant’s, or were not any more: lane-refused, lane-assertion',
  },
  RefusedLogins: { unit: 'Count', statistic: 'Sum', meaning: 'Logins that were refused, as lanes saw it' },
  RefusedLoginsLogged: {
    unit: 'Count',
    statistic: 'Sum',
    meaning: 'The same, as the log of PostgreSQL has it',
  },
  SecurityEventsDropped: {
    unit: 'Count',
    statistic: 'Sum',
    meaning: 'Refusals that applications had no room to report',
  },
} as const satisfies Record<string, MetricDescription>;

export type CloudWatchMetric = keyof typeof cloudWatchMetrics;

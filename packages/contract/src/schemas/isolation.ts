import { Type, type Static } from 'typebox';
import { Cursor, GivenTimestamp, Limit, Nullable, OneOf, Page, Timestamp } from './common.ts';
import { Operation } from './operation.ts';

/**
 * What a run consists of. `audit` compares the catalogs with what the design needs; `oracle` asks PostgreSQL what roles may do; `probes` are attacks
 * of one canary tenant on another; `faults` weakens a throw-away copy on purpose and counts what is noticed.
 */
export const isolationParts = ['audit', 'oracle', 'probes', 'faults'] as const;
export type IsolationPart = (typeof isolationParts)[number];

/**
 * `verified`: every part ran in its time and nothing is open. `failing`: a finding is open. `stale`: a part is late, so that nobody knows.
 * `unverified`: audit, oracle or probes have never come to an end here.
 */
export const isolationVerdicts = ['verified', 'failing', 'stale', 'unverified'] as const;
export type IsolationVerdict = (typeof isolationVerdicts)[number];

/** Most severe first. `critical` lets one tenant reach another now. */
export const findingSeverities = ['critical', 'high', 'medium', 'low'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export const findingStates = ['open', 'accepted', 'resolved'] as const;
export type FindingState = (typeof findingStates)[number];

export const runTriggers = ['schedule', 'change', 'request'] as const;
export type RunTrigger = (typeof runTriggers)[number];

export const runStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** `skipped`: what it needs is not here, as slots for a lane. */
export const attackVerdicts = ['held', 'hit', 'unexpected', 'residual', 'skipped'] as const;
export type AttackVerdict = (typeof attackVerdicts)[number];

const Severities = Type.Object({
  critical: Type.Integer(),
  high: Type.Integer(),
  medium: Type.Integer(),
  low: Type.Integer(),
});

export const AttackTotals = Type.Object({
  total: Type.Integer({ description: 'Attacks on lanes and logins; those on the controls are apart' }),
  refused: Type.Integer({ description: 'Answered as they must be' }),
  succeeded: Type.Integer({ description: 'One tenant reached the other' }),
  unexpected: Type.Integer({ description: 'Refused, with an answer that nobody expected' }),
  residual: Type.Integer({ description: "PostgreSQL's own, which every shared database allows" }),
  skipped: Type.Integer(),
  controls: Type.Object({
    expected: Type.Integer({ description: 'Attacks that have to succeed on the positive controls' }),
    hit: Type.Integer({ description: 'Those that did. Fewer than expected prove nothing' }),
  }),
});
export type AttackTotals = Static<typeof AttackTotals>;

export const FaultTotals = Type.Object({
  total: Type.Integer({ description: 'Faults that were put in on purpose' }),
  found: Type.Integer(),
  foundByOracle: Nullable(Type.Integer({ description: 'Of those that change rights' })),
  skipped: Type.Integer({ description: 'Could not be put in here' }),
});
export type FaultTotals = Static<typeof FaultTotals>;

/** How one part stands, over all cells. */
export const IsolationPartStatus = Type.Object({
  part: OneOf(isolationParts),
  every: Nullable(Type.Integer({ description: 'Seconds between two scheduled runs; null: only on demand' })),
  lastRun: Nullable(
    Type.Object({
      run: Type.String(),
      state: OneOf(runStates),
      finishedAt: Nullable(Timestamp),
      ms: Nullable(Type.Number()),
    }),
  ),
  lastGoodAt: Nullable(
    Type.String({
      format: 'date-time',
      description: 'When it last came to an end, of the cell where that is longest ago',
    }),
  ),
  nextDueAt: Nullable(Timestamp),
  late: Type.Boolean({ description: 'Longer ago than its schedule allows' }),
});
export type IsolationPartStatus = Static<typeof IsolationPartStatus>;

export const IsolationCellStatus = Type.Object({
  cell: Type.String(),
  verdict: OneOf(isolationVerdicts),
  openFindings: Type.Integer(),
  tenants: Type.Object({
    registered: Type.Integer({ description: 'Tenants that have a schema there, as the registry has it' }),
    covered: Type.Integer({ description: 'Those that the last audit looked at' }),
  }),
  lastAuditAt: Nullable(Timestamp),
});
export type IsolationCellStatus = Static<typeof IsolationCellStatus>;

export const IsolationSummary = Type.Object(
  {
    verdict: OneOf(isolationVerdicts),
    since: Timestamp,
    reasons: Type.Array(Type.String(), { description: 'Why it is not verified; empty when it is' }),
    findings: Type.Object({
      open: Severities,
      accepted: Severities,
    }),
    parts: Type.Array(IsolationPartStatus),
    attacks: Nullable(Type.Object({ run: Type.String(), at: Timestamp, ...AttackTotals.properties })),
    faults: Nullable(Type.Object({ run: Type.String(), at: Timestamp, ...FaultTotals.properties })),
    tenants: Type.Object({ registered: Type.Integer(), covered: Type.Integer() }),
    cells: Type.Array(IsolationCellStatus),
    asOf: Timestamp,
  },
  { $id: 'IsolationSummary' },
);
export type IsolationSummary = Static<typeof IsolationSummary>;

export const checkStates = ['passed', 'failed', 'accepted', 'unknown'] as const;
export type CheckState = (typeof checkStates)[number];

const check = {
  id: Type.String({ description: 'As members.edge or attack.read.union' }),
  title: Type.String(),
  proves: Type.String({ description: 'What is shown when it finds nothing' }),
  severity: OneOf(findingSeverities, 'The worst that a finding of it is'),
  family: Type.String({ description: 'As privileges, code, read, poison' }),
  part: OneOf(isolationParts),
  controls: Type.Array(Type.String(), { description: 'As SOC2:CC6.1, GDPR:32(1)(b), ISO27001:A.8.3' }),
  state: OneOf(checkStates, 'unknown: it has never been run'),
  lastRunAt: Nullable(Timestamp),
  openFindings: Type.Integer(),
  acceptedFindings: Type.Integer(),
  failingTenants: Type.Integer({ description: 'Tenants that an open finding is about' }),
};

export const IsolationCheck = Type.Object(check, { $id: 'IsolationCheck' });
export type IsolationCheck = Static<typeof IsolationCheck>;

export const IsolationControl = Type.Object({
  ref: Type.String({ description: 'As SOC2:CC6.1' }),
  framework: Type.String({ description: 'As SOC2' }),
  clause: Type.String({ description: 'As CC6.1' }),
  state: OneOf(checkStates, 'The worst of its checks'),
  checks: Type.Array(Type.String()),
  openFindings: Type.Integer(),
  failingTenants: Type.Integer(),
});
export type IsolationControl = Static<typeof IsolationControl>;

export const IsolationCheckList = Type.Object({
  items: Type.Array(IsolationCheck),
  controls: Type.Array(IsolationControl),
  asOf: Timestamp,
});
export type IsolationCheckList = Static<typeof IsolationCheckList>;

export const ListIsolationChecks = Type.Object(
  {
    control: Type.Optional(
      Type.String({ maxLength: 60, description: 'As SOC2:CC6.1, or SOC2 for all of a framework' }),
    ),
    part: Type.Optional(OneOf(isolationParts)),
    state: Type.Optional(OneOf(checkStates)),
  },
  { additionalProperties: false },
);
export type ListIsolationChecks = Static<typeof ListIsolationChecks>;

export const IsolationCheckRef = Type.Object({ check: Type.String({ maxLength: 100 }) });

export const Acceptance = Type.Object({
  by: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  reason: Type.String(),
  at: Timestamp,
  until: Timestamp,
});
export type Acceptance = Static<typeof Acceptance>;

export const Finding = Type.Object(
  {
    id: Type.String({ description: 'if_ and 16 characters' }),
    check: Type.String(),
    title: Type.String({ description: 'Of the check' }),
    subject: Type.String({ description: 'As table t_x.notes: SELECT for t_y' }),
    cell: Type.String(),
    tenantId: Nullable(
      Type.String({ description: 'The tenant whose isolation it weakens; null: everybody’s' }),
    ),
    tenantSlug: Nullable(Type.String()),
    severity: OneOf(findingSeverities),
    state: OneOf(findingStates),
    message: Type.String(),
    evidence: Type.Record(Type.String(), Type.Unknown()),
    remediation: Nullable(Type.String({ description: 'SQL that mends it, to be read before it is run' })),
    firstSeenAt: Timestamp,
    lastSeenAt: Timestamp,
    openedAt: Timestamp,
    resolvedAt: Nullable(Timestamp),
    timesOpened: Type.Integer({ description: '1, and one more each time it came back' }),
    acceptance: Nullable(Acceptance),
    firstRun: Nullable(Type.String()),
    lastRun: Nullable(Type.String()),
  },
  { $id: 'Finding' },
);
export type Finding = Static<typeof Finding>;

export const FindingPage = Page(Finding);
export type FindingPage = Static<typeof FindingPage>;

export const IsolationCheckDetail = Type.Object({
  ...check,
  sql: Nullable(Type.String({ description: 'The statement, or the steps of an attack, as they are run' })),
  remediation: Nullable(Type.String({ description: 'What to do about a finding, in words' })),
  findings: Type.Array(Finding, { description: 'Open and accepted ones, worst first, at most 100' }),
});
export type IsolationCheckDetail = Static<typeof IsolationCheckDetail>;

export const findingSorts = ['severity', '-lastSeenAt', 'lastSeenAt', '-firstSeenAt', 'firstSeenAt'] as const;
export type FindingSort = (typeof findingSorts)[number];

const severity = Type.Optional(
  Type.String({ maxLength: 100, description: `One or more of ${findingSeverities.join(', ')}, with commas` }),
);

export const ListFindings = Type.Object(
  {
    state: Type.Optional(
      Type.String({
        maxLength: 100,
        description: `One or more of ${findingStates.join(', ')}, with commas; open and accepted if absent`,
      }),
    ),
    severity,
    check: Type.Optional(
      Type.String({ maxLength: 100, description: 'As members.edge, or members.* for a family' }),
    ),
    tenant: Type.Optional(Type.String({ maxLength: 300, description: 'The id or the slug of a tenant' })),
    cell: Type.Optional(Type.String({ maxLength: 63 })),
    q: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the subject or the message' })),
    sort: Type.Optional(OneOf(findingSorts, 'severity (worst first) if absent')),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListFindings = Static<typeof ListFindings>;

export const FindingRef = Type.Object({ finding: Type.String({ maxLength: 40 }) });

export const AcceptFinding = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' }),
    /** In the future, and at most a year away. */
    until: GivenTimestamp,
  },
  { additionalProperties: false },
);
export type AcceptFinding = Static<typeof AcceptFinding>;

export const ReopenFinding = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 1000 })) },
  { additionalProperties: false },
);
export type ReopenFinding = Static<typeof ReopenFinding>;

const run = {
  id: Type.String({ description: 'ir_ and 16 characters' }),
  operation: Type.String({ description: 'The operation that ran it: watch it, cancel it, retry it there' }),
  cells: Type.Array(Type.String()),
  parts: Type.Array(OneOf(isolationParts)),
  trigger: OneOf(runTriggers),
  state: OneOf(runStates),
  clean: Nullable(
    Type.Boolean({
      description: 'It came to an end and found nothing but what is accepted; null while it runs',
    }),
  ),
  findings: Type.Object({
    seen: Type.Integer(),
    opened: Type.Integer({ description: 'Of those, that were not open before' }),
    resolved: Type.Integer({ description: 'That were open before and are no more' }),
  }),
  tenants: Type.Integer({ description: 'Schemas of tenants that were looked at' }),
  attacks: Nullable(AttackTotals),
  faults: Nullable(FaultTotals),
  actor: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  createdAt: Timestamp,
  startedAt: Nullable(Timestamp),
  finishedAt: Nullable(Timestamp),
  ms: Nullable(Type.Number()),
};

export const IsolationRun = Type.Object(run, { $id: 'IsolationRun' });
export type IsolationRun = Static<typeof IsolationRun>;

export const IsolationRunPage = Page(IsolationRun);
export type IsolationRunPage = Static<typeof IsolationRunPage>;

export const ListIsolationRuns = Type.Object(
  {
    part: Type.Optional(OneOf(isolationParts)),
    state: Type.Optional(OneOf(runStates)),
    trigger: Type.Optional(OneOf(runTriggers)),
    cell: Type.Optional(Type.String({ maxLength: 63 })),
    cursor: Cursor,
    limit: Limit,
  },
  { additionalProperties: false },
);
export type ListIsolationRuns = Static<typeof ListIsolationRuns>;

export const IsolationRunRef = Type.Object({ run: Type.String({ maxLength: 40 }) });

/** One part of a run on one cell. */
export const RunPart = Type.Object({
  part: OneOf(isolationParts),
  cell: Type.String(),
  state: OneOf(['succeeded', 'failed'] as const),
  error: Nullable(Type.String()),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  ms: Type.Number(),
  findings: Type.Integer(),
  tenants: Type.Integer(),
  server: Nullable(
    Type.Object({
      version: Type.String(),
      systemIdentifier: Nullable(Type.String()),
      database: Type.String(),
      role: Type.String(),
    }),
  ),
  notes: Type.Array(Type.String(), { description: 'What could not be done, and why' }),
});
export type RunPart = Static<typeof RunPart>;

export const RunCheck = Type.Object({
  cell: Type.String(),
  part: OneOf(isolationParts),
  check: Type.String(),
  title: Type.String(),
  state: OneOf(['passed', 'failed'] as const),
  findings: Type.Integer(),
});
export type RunCheck = Static<typeof RunCheck>;

export const RunAttack = Type.Object({
  cell: Type.String(),
  attack: Type.String(),
  title: Type.String(),
  family: Type.String(),
  level: Type.String({ description: 'L1, L2, L3, poison or http' }),
  target: Type.String({ description: 'As sealed, leased, login, search_path, set role, http' }),
  kind: OneOf(['lane', 'login', 'control', 'http'] as const),
  verdict: OneOf(attackVerdicts),
  expected: Type.Array(Type.String(), { description: 'SQLSTATEs (of HTTP: statuses) that are right' }),
  actual: Nullable(Type.String()),
  message: Nullable(Type.String()),
  steps: Type.Array(Type.String(), { description: 'The statements, as they were sent' }),
  residual: Nullable(Type.String()),
  ms: Type.Number(),
});
export type RunAttack = Static<typeof RunAttack>;

export const RunControl = Type.Object({
  cell: Type.String(),
  control: Type.String(),
  expected: Type.Integer(),
  hit: Type.Integer(),
  missed: Type.Array(Type.String()),
  ok: Type.Boolean(),
});
export type RunControl = Static<typeof RunControl>;

const Fault = { id: Type.String(), title: Type.String() };

export const IsolationRunDetail = Type.Object({
  ...run,
  /** Details of old runs are dropped; the run itself stays. */
  detailed: Type.Boolean(),
  results: Type.Array(RunPart),
  checks: Type.Array(RunCheck),
  matrix: Type.Array(RunAttack),
  positiveControls: Type.Array(RunControl),
  missedFaults: Type.Array(Type.Object(Fault)),
  skippedFaults: Type.Array(Type.Object({ ...Fault, reason: Type.String() })),
  residualRisks: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      statement: Type.String(),
      reducedBy: Type.String(),
    }),
  ),
});
export type IsolationRunDetail = Static<typeof IsolationRunDetail>;

export const StartIsolationRun = Type.Object(
  {
    parts: Type.Optional(
      Type.Array(OneOf(isolationParts), {
        minItems: 1,
        uniqueItems: true,
        description: 'audit, oracle and probes if absent',
      }),
    ),
    cell: Type.Optional(Type.String({ maxLength: 63, description: 'Name of a cell; all if absent' })),
    reason: Type.Optional(Type.String({ maxLength: 1000, description: 'Stands in the audit trail' })),
  },
  { additionalProperties: false },
);
export type StartIsolationRun = Static<typeof StartIsolationRun>;

/** The answer to a request for a run: watch `operation`, then read `run`. */
export const IsolationRunStarted = Type.Object({ operation: Operation, run: IsolationRun });
export type IsolationRunStarted = Static<typeof IsolationRunStarted>;

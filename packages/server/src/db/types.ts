import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  AttackTotals,
  CellLane,
  FaultTotals,
  FindingSeverity,
  FindingState,
  IsolationPart,
  IsolationVerdict,
  OperationError,
  OperationKind,
  OperationState,
  PeopleRole,
  ReaderEnd,
  ReaderState,
  Role,
  SessionEnd,
  SignInMethod,
  RunTrigger,
  StepState,
  TenantState,
} from '@tenantry/contract';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;

/** The tables of the control schema, as Kysely sees them. The `.sql` files are the authority. */
export interface ControlTables {
  cells: CellRow;
  migration_sets: MigrationSetRow;
  tenants: TenantRow;
  tenant_domains: TenantDomainRow;
  placement_notices: PlacementNoticeRow;
  spares: SpareRow;
  operations: OperationRow;
  operation_steps: OperationStepRow;
  events: EventRow;
  api_keys: ApiKeyRow;
  sessions: SessionRow;
  sign_in_codes: SignInCodeRow;
  readers: ReaderRow;
  reader_tenants: ReaderTenantRow;
  isolation_runs: IsolationRunRow;
  isolation_results: IsolationResultRow;
  isolation_findings: IsolationFindingRow;
  isolation_verdict: IsolationVerdictRow;
}

export interface CellRow {
  id: string;
  name: string;
  kind: 'embedded' | 'external';
  is_default: boolean;
  url_encrypted: Buffer | null;
  host: string;
  login: string;
  server_version: string;
  system_identifier: string;
  allowed_extensions: string[];
  lanes: Generated<CellLane[]>;
  slots: Generated<number>;
  created_at: Timestamp;
}

export interface MigrationFile {
  readonly kind: 'versioned' | 'repeatable';
  readonly version: string | null;
  readonly description: string;
  readonly script: string;
  readonly checksum: number;
}

export interface MigrationSetRow {
  fingerprint: string;
  locations: string[];
  schema_version: string | null;
  migrations: JSONColumnType<MigrationFile[]>;
  created_at: Timestamp;
}

export interface TenantRow {
  id: string;
  slug: string | null;
  name: string;
  state: TenantState;
  state_reason: string | null;
  plan: string;
  labels: JSONColumnType<Record<string, string>>;
  cell_id: string;
  isolation: Generated<'sealed'>;
  schema_name: string;
  schema_version: string | null;
  migration_set: string | null;
  credential_version: Generated<number>;
  version: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
  activated_at: NullableTimestamp;
  purge_after: NullableTimestamp;
  purged_at: NullableTimestamp;
}

export interface TenantDomainRow {
  domain: string;
  tenant_id: string;
  created_at: Timestamp;
}

export interface PlacementNoticeRow {
  id: Generated<string>;
  cell_id: string;
  tenant_id: string;
}

export interface SpareRow {
  id: string;
  cell_id: string;
  state: 'building' | 'ready' | 'dropping';
  migration_set: string;
  created_at: Timestamp;
}

/** Who did something, as it is kept with what they did. */
export interface ActorRecord {
  readonly kind: 'user' | 'apiKey' | 'cli' | 'system';
  readonly id: string;
  readonly name: string;
}

export interface OperationRow {
  id: string;
  kind: OperationKind;
  state: OperationState;
  tenant_id: string | null;
  tenant_slug: string | null;
  input: JSONColumnType<Record<string, unknown>>;
  error: JSONColumnType<OperationError> | null;
  attempt: Generated<number>;
  run: Generated<number>;
  actor: JSONColumnType<ActorRecord & object>;
  request_id: string | null;
  idempotency_key: string | null;
  request_hash: string | null;
  created_at: Timestamp;
  queued_at: Timestamp;
  started_at: NullableTimestamp;
  finished_at: NullableTimestamp;
}

export interface OperationStepRow {
  operation_id: string;
  position: number;
  name: string;
  title: string;
  state: StepState;
  started_at: NullableTimestamp;
  finished_at: NullableTimestamp;
  detail: JSONColumnType<Record<string, unknown>> | null;
  error: JSONColumnType<OperationError> | null;
}

export interface EventRow {
  id: Generated<string>;
  at: Timestamp;
  type: string;
  topics: string[];
  tenant_id: string | null;
  data: JSONColumnType<Record<string, unknown>>;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  role: Role;
  scopes: string[] | null;
  tenant_id: string | null;
  token_hash: Buffer;
  created_at: Timestamp;
  created_by: string;
  expires_at: NullableTimestamp;
  last_used_at: NullableTimestamp;
  revoked_at: NullableTimestamp;
}

export interface SessionRow {
  id: string;
  token_hash: Buffer;
  method: SignInMethod;
  key_id: string | null;
  user_id: string | null;
  user_name: string | null;
  role: PeopleRole | null;
  tenant_id: string | null;
  id_token: Buffer | null;
  created_at: Timestamp;
  last_seen_at: Timestamp;
  idle_seconds: number;
  expires_at: Timestamp;
  ended_at: NullableTimestamp;
  ended: SessionEnd | null;
  source_ip: string | null;
  user_agent: string | null;
}

export interface SignInCodeRow {
  code_hash: Buffer;
  key_id: string;
  expires_at: Timestamp;
}

export interface ReaderRow {
  id: string;
  login: string;
  cell_id: string;
  state: ReaderState;
  reason: string;
  created_by: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  closed_at: NullableTimestamp;
  ended: ReaderEnd | null;
}

export interface ReaderTenantRow {
  reader_id: string;
  tenant_id: string;
  relations: Generated<number>;
  left_at: NullableTimestamp;
}

export interface IsolationRunRow {
  id: string;
  operation_id: string;
  cell_ids: string[];
  parts: IsolationPart[];
  trigger: RunTrigger;
  clean: boolean | null;
  created_at: Timestamp;
}

export interface IsolationResultRow {
  run_id: string;
  cell_id: string;
  part: IsolationPart;
  state: 'succeeded' | 'failed';
  error: string | null;
  started_at: Timestamp;
  finished_at: Timestamp;
  seen: Generated<number>;
  opened: Generated<number>;
  resolved: Generated<number>;
  tenants: Generated<number>;
  server: JSONColumnType<Record<string, unknown>> | null;
  notes: Generated<string[]>;
  attacks: JSONColumnType<AttackTotals> | null;
  faults: JSONColumnType<FaultTotals> | null;
  detail: JSONColumnType<Record<string, unknown>> | null;
}

export interface IsolationFindingRow {
  id: string;
  cell_id: string;
  fingerprint: string;
  part: IsolationPart;
  check_id: string;
  subject: string;
  tenant_id: string | null;
  severity: FindingSeverity;
  message: string;
  evidence: JSONColumnType<Record<string, unknown>>;
  remediation: string | null;
  state: FindingState;
  first_seen_at: Timestamp;
  last_seen_at: Timestamp;
  opened_at: Timestamp;
  resolved_at: NullableTimestamp;
  times_opened: Generated<number>;
  accepted_by: JSONColumnType<ActorRecord & object> | null;
  accepted_reason: string | null;
  accepted_at: NullableTimestamp;
  accepted_until: NullableTimestamp;
  first_run: string | null;
  last_run: string | null;
}

export interface IsolationVerdictRow {
  only_row: Generated<boolean>;
  verdict: IsolationVerdict;
  since: Timestamp;
}

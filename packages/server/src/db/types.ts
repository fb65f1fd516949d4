import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  CellLane,
  OperationError,
  OperationKind,
  OperationState,
  ReaderEnd,
  ReaderState,
  Role,
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
  readers: ReaderRow;
  reader_tenants: ReaderTenantRow;
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

export { TenantContext, type CapturedContext } from './context/context.ts';
export { deriveCredential } from './credential.ts';
export type { Directory, Placement } from './directory/index.ts';
export { isTenancyError, TenancyError, type TenancyErrorCode } from './errors.ts';
export {
  brokerRole,
  cellLeaseSql,
  dropTenantLeaseSql,
  grantFunction,
  harmlessSettings,
  leaseHoldersSql,
  leaseFunctions,
  leaseLogins,
  leaseSchema,
  leaseVerifiers,
  poolSetting,
  placementChannel,
  resetStored,
  revokeFunction,
  revokeLeasesSql,
  slotGroup,
  slotRole,
  tenantLeaseSql,
  type CellLease,
} from './lease-sql.ts';
export { revokeLargeObjectsSql } from './large-objects-sql.ts';
export type { LaneName } from './lanes/lane.ts';
export type { CloseReason, PoolEvent, PoolStatus } from './pool/metrics.ts';
export type { PoolOptions } from './pool/options.ts';
export { TenantClient } from './pool/tenant-client.ts';
export { scramVerifier, type ScramOptions } from './scram.ts';
export { sealedConnection, startupOptions, type CellAddress, type SealedConnection } from './sealed.ts';
export { createTenancy, type Tenancy, type TenancyOptions, type TenantHandle } from './tenancy.ts';
export type { SecurityEvent, SecurityEventKind } from './security/event.ts';
export { fingerprintOf } from './security/fingerprint.ts';
export { TenantPool } from './tenant-pool.ts';
export { idempotencyTableSql } from './transactions/idempotency.ts';
export type { TransactionOptions } from './transactions/options.ts';
export type { Transaction } from './transactions/transaction.ts';
export { isTenantId, newTenantId, ownerOf, randomBase32, tenantId, type TenantId } from './tenant-id.ts';

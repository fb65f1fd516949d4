/**
 * `@tenantry/isolation`: proves that one tenant of a PostgreSQL database cannot reach another, and that the proof can fail.
 *
 * - {@link auditCatalog} and {@link askOracle} read catalogs, as a role that is no superuser.
 * - {@link attackCell} and {@link attackApplication} attack canary tenants that they make and remove.
 * - {@link injectFaults} weakens a throw-away copy, to show that the first two would have noticed.
 */
export { auditCatalog, type AuditOptions, type AuditResult } from './audit.ts';
export { catalogChecks } from './checks/index.ts';
export { controls } from './checks/controls.ts';
export {
  compareFindings,
  fingerprintOf,
  severities,
  type Check,
  type CheckFamily,
  type CheckResult,
  type Finding,
  type Severity,
} from './finding.ts';
export { IsolationError, type IsolationErrorCode } from './isolation-error.ts';
export {
  foreignLayout,
  layoutFromFile,
  tenantryLayout,
  type ForeignLayoutOptions,
  type TenantryLayoutOptions,
} from './layout.ts';
export type { Acceptance, Layout, RegisteredTenant } from './layout/types.ts';
export { askOracle, oracleChecks, type OracleResult } from './oracle.ts';
export {
  faults,
  faultFamilies,
  injectFaults,
  startFaultCopy,
  summariseFaults,
  type Fault,
  type FaultCopy,
  type FaultCopyOptions,
  type FaultFamily,
  type FaultResult,
  type InjectOptions,
} from './faults/index.ts';
export {
  attackCell,
  targetNames,
  type AttackCellOptions,
  type AttackedCell,
  type TargetName,
} from './attack-cell.ts';
export { attackApplication, type AttackApplicationOptions } from './attack-application.ts';
export * from './attacks/index.ts';
export {
  isCanaryRole,
  plantCanaries,
  plantSchemas,
  sweepCanaries,
  type AttackPair,
  type CanaryPair,
  type Swept,
} from './canaries.ts';
export {
  countBySeverity,
  findingOfAttack,
  findingOfControl,
  findingOfFault,
  problemsOf,
  type FaultSummary,
  type RunResult,
  type ServerFingerprint,
} from './result.ts';
export { runIsolation, type RunOptions, type Verified } from './run.ts';
export { describeServer } from './server.ts';
export * from './report/index.ts';

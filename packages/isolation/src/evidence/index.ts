export {
  condenseMatrix,
  readAccessMatrix,
  tablePrivileges,
  type AccessCell,
  type AccessMatrix,
  type CondensedMatrix,
  type TablePrivilege,
} from './access-matrix.ts';
export { matrixCsv } from './access-matrix-csv.ts';
export { buildReport } from './build.ts';
export { canonical, sha256 } from './canonical.ts';
export { clauses, type Clause } from './controls/index.ts';
export { verifyFiles, type EvidenceFile, type FileVerification } from './files.ts';
export { evidenceHtml, signedReportIn } from './html/page.ts';
export type { CountedCell, EvidenceInput, StoredAcceptance, StoredFinding, StoredRun } from './input.ts';
export {
  keyIdOf,
  newSigningKey,
  publicPem,
  signingKey,
  verifyingKey,
  type SigningKey,
  type VerifyingKey,
} from './keys.ts';
export { sealManifest, type Manifest, type SignedManifest } from './manifest.ts';
export { renderForms, type EvidenceForms } from './render.ts';
export { sealReport, toEvidenceJson } from './seal.ts';
export type { RunRecord, Schedule, SeriesCell } from './series.ts';
export * from './types.ts';
export {
  verifyChain,
  verifyReport,
  type ChainOptions,
  type ChainVerification,
  type EvidenceProblem,
  type EvidenceProblemCode,
  type ReportVerification,
} from './verify.ts';

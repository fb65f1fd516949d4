import type { Severity } from '../finding.ts';
import type { RunResult } from '../result.ts';
import type { AccessMatrix } from './access-matrix.ts';
import type { RunRecord, Schedule, SeriesCell } from './series.ts';
import type { ChainPosition, EvidenceException, EvidenceLifecycle, EvidenceTenant } from './types.ts';

/** What was found in a database when it was compared with the registry. */
export interface CountedCell {
  readonly cell: string;
  /** Schemas that belong to tenants of the registry. */
  readonly found: number;
  /** In words: schemas that only the registry, or only the database has. */
  readonly differences: readonly string[];
}

/** A run that was stored, with who ran it and why. */
export interface StoredRun {
  readonly id: string;
  readonly cell: string;
  /** `audit`, `attack`, `faults`, or what the caller calls it. */
  readonly kind: string;
  /** `schedule`, `provisioning`, `on demand`. */
  readonly trigger: string;
  readonly actor: string;
  readonly result: RunResult;
}

/** Somebody's decision to live with a finding. */
export interface StoredAcceptance {
  readonly check: string;
  readonly subject: string;
  readonly reason: string;
  readonly acceptedBy: string | null;
  readonly acceptedAt: string | null;
  readonly until: string | null;
}

/** A finding as it is kept across runs. */
export interface StoredFinding {
  readonly check: string;
  readonly subject: string;
  readonly tenant: string | null;
  readonly severity: Severity;
  readonly message: string;
  readonly remediation: string | null;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** All that a report is made of. Everything is about the whole installation; what is for one tenant is cut out of it here. */
export interface EvidenceInput {
  readonly id: string;
  readonly issuedAt: string;
  readonly issuedBy: string;
  readonly software: { readonly name: string; readonly version: string };
  /** What the installation is called, for a reader who has several; made of something stable. */
  readonly installation: string;
  readonly keyId: string;
  readonly chain: ChainPosition;
  /** Id of the tenant that the report is for; null for the report about the whole installation. */
  readonly tenant: string | null;
  readonly period: { readonly from: string; readonly to: string };
  /** The registry: every tenant with a schema. Null where there is no registry, as for a run of the command line alone. */
  readonly tenants: readonly EvidenceTenant[] | null;
  /** The newest of each kind and cell; what they hold together is what the report rests on. */
  readonly runs: readonly StoredRun[];
  /** What is known of findings from before; without it they are those of the runs. */
  readonly findings?: readonly StoredFinding[];
  readonly acceptances: readonly StoredAcceptance[];
  /** Accepted findings where they are kept; without it they are those of the runs that `acceptances` fits. */
  readonly exceptions?: readonly EvidenceException[];
  readonly series?: {
    readonly cells: readonly SeriesCell[];
    readonly runs: readonly RunRecord[];
    readonly schedules: readonly Schedule[];
  };
  /** Schemas of tenants that are in the databases now; without it those that the runs have counted. */
  readonly counted?: readonly CountedCell[];
  readonly accessMatrices: readonly (readonly [cell: string, matrix: AccessMatrix])[];
  readonly lifecycle: EvidenceLifecycle | null;
}

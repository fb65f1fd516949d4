import type { AttackFamily, AttackLevel, AttackResult, ControlResult, Verdict } from '../attacks/index.ts';
import type { ResidualRisk } from '../attacks/index.ts';
import type { CheckFamily, Severity } from '../finding.ts';
import type { FaultSummary, ServerFingerprint } from '../result.ts';
import type { CondensedMatrix } from './access-matrix.ts';

/** The form of a report. A reader that does not know it must refuse it. */
export const evidenceFormat = 'tenantry-evidence/1';

/** A report is about the whole installation, or about one tenant and for that customer's eyes. */
export type EvidenceScope =
  | { readonly kind: 'installation' }
  | { readonly kind: 'tenant'; readonly tenant: EvidenceTenant };

/** A tenant as the registry has it when the report is issued. */
export interface EvidenceTenant {
  readonly id: string;
  readonly slug: string | null;
  readonly name: string;
  readonly state: string;
  readonly schema: string;
  readonly cell: string;
  /** How a connection becomes the tenant's: `sealed`, `leased`, `dedicated`. */
  readonly level: string;
  readonly provisionedAt: string;
  readonly schemaVersion: string | null;
}

/** How many tenants there are, counted in two independent places. */
export interface EvidencePopulation {
  /** Of the registry, those that have a schema. */
  readonly registered: number;
  /** Schemas of tenants that the runs found in the databases; null where no run has counted. */
  readonly found: number | null;
  /** True where both are the same on every cell. */
  readonly reconciled: boolean;
  /** In words: what does not agree. */
  readonly differences: readonly string[];
  readonly byState: readonly (readonly [string, number])[];
  readonly byLevel: readonly (readonly [string, number])[];
  readonly tenants: readonly EvidenceTenant[];
}

/** A check of the audit or of the rights oracle, and what it came to. */
export interface EvidenceCheck {
  readonly id: string;
  readonly title: string;
  readonly family: CheckFamily;
  readonly severity: Severity;
  readonly proves: string;
  readonly controls: readonly string[];
  readonly status: 'passed' | 'failed';
  readonly findings: number;
  readonly accepted: number;
}

/** An attack over one way, without what is the same over all of them. */
export type EvidenceAttack = Pick<
  AttackResult,
  'attack' | 'target' | 'kind' | 'verdict' | 'state' | 'message'
>;

/** What was tried: the same over every way. */
export interface EvidenceProcedure {
  readonly id: string;
  readonly family: AttackFamily;
  readonly level: AttackLevel;
  readonly title: string;
  /** SQLSTATEs that prove that it was refused; 00000: it may run, and must bring nothing. */
  readonly expected: readonly string[];
  readonly residual: string | null;
  /** The statements as they were sent over the first way. */
  readonly statements: readonly string[];
}

export interface EvidenceFinding {
  readonly check: string;
  readonly subject: string;
  readonly tenant: string | null;
  readonly severity: Severity;
  readonly message: string;
  readonly remediation: string | null;
  readonly firstSeenAt: string | null;
  readonly lastSeenAt: string | null;
}

/** A finding that somebody has decided to live with. */
export interface EvidenceException extends EvidenceFinding {
  readonly reason: string;
  readonly acceptedBy: string | null;
  readonly acceptedAt: string | null;
  /** After this it is a finding again; null: it has no end, which the report says. */
  readonly until: string | null;
}

/** A run that the report rests on. */
export interface EvidenceRun {
  readonly id: string;
  readonly cell: string;
  readonly kind: string;
  readonly trigger: string;
  readonly actor: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly tool: string;
  readonly server: ServerFingerprint;
  readonly tenants: number | null;
  readonly checks: readonly EvidenceCheck[];
  readonly attacks: readonly EvidenceAttack[];
  readonly positiveControls: readonly ControlResult[];
  readonly faults: FaultSummary | null;
  readonly notes: readonly string[];
}

/** Runs of one kind on one cell, in a row; made by {@link seriesOf}. */
export interface EvidenceSeries {
  readonly cell: string;
  readonly kind: string;
  /** How often it must be run; null where it is run on demand only. */
  readonly everySeconds: number | null;
  readonly runs: number;
  readonly failed: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly longestIntervalSeconds: number | null;
  /** Times in which a run was due and none was finished. */
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly seconds: number }[];
  /** Finished runs of each day with one, in UTC. */
  readonly days: readonly (readonly [string, number])[];
}

/** What became of tenants in the period. */
export interface EvidenceLifecycle {
  readonly provisioned: number;
  /** How many of those were attacked by their neighbour, and held, before they were opened. */
  readonly probedBeforeActive: number;
  readonly suspended: number;
  readonly purged: number;
}

/** What a clause of a framework is supported with, and what it is not. */
export interface EvidenceControl {
  readonly framework: string;
  readonly clause: string;
  readonly title: string;
  readonly shows: string;
  readonly doesNotShow: string;
  /** Sections of the report that it rests on, and whether they hold something this time. */
  readonly pieces: readonly { readonly piece: string; readonly present: boolean }[];
}

export type Outcome = 'held' | 'findings' | 'incomplete';

/** What the report comes to, in words. */
export interface EvidenceVerdict {
  readonly outcome: Outcome;
  readonly headline: string;
  readonly sentences: readonly string[];
  /** What is missing for a whole picture; empty where nothing is. */
  readonly missing: readonly string[];
}

/** Where in its chain a report stands. Reports of the installation are one chain, those for each tenant another. */
export interface ChainPosition {
  /** `installation`, or the id of the tenant. */
  readonly name: string;
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly previous: { readonly id: string; readonly hash: string } | null;
}

/** A report: everything that is signed. Plain data, made of what JSON has. */
export interface EvidenceReport {
  readonly format: typeof evidenceFormat;
  readonly id: string;
  readonly issuedAt: string;
  readonly issuedBy: string;
  readonly issuer: { readonly software: string; readonly version: string; readonly installation: string };
  readonly keyId: string;
  readonly chain: ChainPosition;
  readonly scope: EvidenceScope;
  readonly period: { readonly from: string; readonly to: string };
  readonly verdict: EvidenceVerdict;
  /** Null in the report for one tenant: it would tell about the others. */
  readonly population: EvidencePopulation | null;
  readonly runs: readonly EvidenceRun[];
  readonly procedures: readonly EvidenceProcedure[];
  readonly findings: readonly EvidenceFinding[];
  readonly exceptions: readonly EvidenceException[];
  readonly series: readonly EvidenceSeries[];
  readonly accessMatrix: readonly CondensedMatrix[];
  readonly lifecycle: EvidenceLifecycle | null;
  readonly residualRisks: readonly ResidualRisk[];
  readonly controls: readonly EvidenceControl[];
}

/** A report with its proof: the one file that an auditor needs besides the public key. */
export interface SignedReport {
  readonly report: EvidenceReport;
  /** SHA-256 of the report in its canonical form, in hexadecimal. */
  readonly hash: string;
  readonly signature: {
    readonly algorithm: 'Ed25519';
    readonly keyId: string;
    /** Of the same bytes, in base64. */
    readonly value: string;
  };
}

export type { Verdict };

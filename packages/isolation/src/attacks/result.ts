import type { AttackFamily, AttackLevel, ControlName } from './attack.ts';

/**
 * What an attack came to. `held`: refused as it must be, or it ran and brought nothing. `hit`: it brought something of the victim,
 * or ran where PostgreSQL has to refuse it. `unexpected`: refused, but not with an answer that the catalogue knows. `residual`: PostgreSQL's
 * own, which the report states. `skipped`: there is nothing here that it could attack.
 */
export type Verdict = 'held' | 'hit' | 'unexpected' | 'residual' | 'skipped';

/** One attack on one target. */
export interface AttackResult {
  readonly attack: string;
  readonly family: AttackFamily;
  readonly level: AttackLevel;
  readonly title: string;
  readonly target: string;
  readonly kind: 'lane' | 'login' | 'control';
  readonly verdict: Verdict;
  /** SQLSTATE of the first step that was refused; 00000 where all ran; another code where it was not PostgreSQL that refused. */
  readonly state: string | null;
  readonly expected: readonly string[];
  /** Where an attack needs explaining: what came back, or why it was skipped. Holds no canary. */
  readonly message: string | null;
  /** The statements, as they were sent. */
  readonly steps: readonly string[];
  readonly residual: string | null;
  readonly tookMs: number;
}

/** Whether the attacks that have to succeed on a control did. */
export interface ControlResult {
  readonly control: ControlName;
  /** Attacks that have to succeed on it. */
  readonly expected: number;
  readonly hit: number;
  /** Those that did not: the run proves nothing until they do. */
  readonly missed: readonly string[];
  readonly ok: boolean;
}

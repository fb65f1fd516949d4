import type { AttackLevel, AttackNeed, ControlName } from './attack.ts';

/** Which of the two tenants a session belongs to: the attacker is `a`, the victim `b`. */
export type Side = 'a' | 'b';

/** What a statement brought: rows of all its results, and the SQLSTATE of a warning that came with it. */
export interface Answer {
  readonly rows: readonly unknown[];
  /** Notices and notifications, as they came. */
  readonly heard: readonly { readonly code?: string | undefined; readonly text: string }[];
}

/** A session of one tenant, for one attack. */
export interface Session {
  /** Runs a statement as an application of this kind does at that level. Rejects with what PostgreSQL refuses. */
  query(sql: string, level: AttackLevel): Promise<Answer>;
  /** Gives the session back, or ends it; nothing of it reaches the next attack. Never rejects. */
  release(): Promise<void>;
}

/** One connection that serves first one tenant and then another, as the kind of target does it. */
export interface HandOver {
  /** The connection as a tenant's; the one before was released. */
  as(side: Side): Promise<Session>;
  close(): Promise<void>;
}

/** A way in which an application reaches its tenants, to be attacked. */
export interface AttackTarget {
  /** As in the table: `sealed`, `leased`, `login`, `search_path`. */
  readonly name: string;
  /** One line for the report. */
  readonly title: string;
  readonly kind: 'lane' | 'login' | 'control';
  /** Of a control: what attacks name that must succeed here. */
  readonly control?: ControlName;
  readonly provides: ReadonlySet<AttackNeed>;
  /** How many attacks it may be given at a time. */
  readonly concurrency: number;
  open(side: Side): Promise<Session>;
  /** Absent where connections never change tenant. */
  handOver?(): Promise<HandOver>;
  /** A session of the victim, as it would have one here, and its process id. */
  victim(): Promise<Session & { readonly pid: number }>;
  close(): Promise<void>;
}

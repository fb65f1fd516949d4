import type { TenancyErrorCode } from '../errors.ts';
import type { LaneName } from '../lanes/lane.ts';
import type { TenantId } from '../tenant-id.ts';

/** What was refused, and by whom. */
export type SecurityEventKind =
  /** PostgreSQL: insufficient privilege. */
  | 'denied'
  /** PostgreSQL: a name in a schema that is not the tenant's did not resolve. */
  | 'foreign-name'
  /** PostgreSQL: an attempt to become another role, or to change one. */
  | 'role-switch'
  /** The library: the statement itself, as several in one text, COPY from the client, or the simple protocol. */
  | 'guard'
  /** A connection could not become its tenant's, or its slot was not lent to it; nothing was run on it. */
  | 'lane-refused'
  /** Before a COMMIT the session was not its tenant's any more, so that nothing was committed. */
  | 'lane-assertion'
  /** PostgreSQL: a login, for its password or because it is closed. */
  | 'login-refused'
  /** Work for a tenant that is suspended, archived, deleted or unknown. */
  | 'tenant-closed'
  /** The library: work without a tenant, or in the context of another. */
  | 'context';

/**
 * Something that was refused, and that a healthy application does not do. The first of its kind is told at once; equal ones
 * of the second after it are told together, as one event with their `count`.
 */
export interface SecurityEvent {
  readonly kind: SecurityEventKind;
  /** Of the error that the library raised, where it was the library. */
  readonly code: TenancyErrorCode | undefined;
  readonly tenant: TenantId | undefined;
  /** Id of the cell. */
  readonly cell: string | undefined;
  readonly lane: LaneName | undefined;
  /** What PostgreSQL said. */
  readonly sqlState: string | undefined;
  /** Of the statement: a hash of its text without literals. No part of the text is ever told. */
  readonly fingerprint: string | undefined;
  /** How many equal ones this stands for. */
  readonly count: number;
  /** Of the first and the last of them. */
  readonly firstAt: Date;
  readonly at: Date;
}

/** One refusal, as the place that saw it tells it. */
export type SecuritySignal = Pick<SecurityEvent, 'kind'> &
  Partial<Pick<SecurityEvent, 'code' | 'tenant' | 'cell' | 'lane' | 'sqlState' | 'fingerprint'>>;

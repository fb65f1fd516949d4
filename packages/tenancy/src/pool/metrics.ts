import type { LaneName } from '../lanes/lane.ts';
import type { SecurityEventKind } from '../security/event.ts';
import type { TenantId } from '../tenant-id.ts';

/** Why a connection was closed. */
export type CloseReason =
  | 'idle'
  | 'lifetime'
  | 'evicted'
  | 'broken'
  | 'timeout'
  | 'in doubt'
  | 'not primary'
  | 'makes room'
  | 'released with an error'
  | 'closed';

/** What a pool does, as it happens. Times are milliseconds. */
export type PoolEvent =
  | { readonly type: 'opened'; readonly cell: string; readonly lane: LaneName; readonly tookMs: number }
  | { readonly type: 'open-failed'; readonly cell: string; readonly lane: LaneName; readonly error: unknown }
  | { readonly type: 'closed'; readonly cell: string; readonly lane: LaneName; readonly reason: CloseReason }
  | { readonly type: 'acquired'; readonly cell: string; readonly tenant: TenantId; readonly waitedMs: number }
  | { readonly type: 'acquire-timeout'; readonly cell: string; readonly tenant: TenantId }
  | { readonly type: 'switched'; readonly cell: string; readonly tenant: TenantId; readonly tookMs: number }
  /** PostgreSQL did not let a connection become its tenant, or did not lend it a slot; nothing was run on it. */
  | {
      readonly type: 'lane-refused';
      readonly cell: string;
      readonly tenant: TenantId | undefined;
      readonly lane: LaneName;
      readonly sqlState: string | undefined;
    }
  /** A tenant's statement was refused in a way that no healthy application is. */
  | {
      readonly type: 'statement-refused';
      readonly cell: string;
      readonly tenant: TenantId | undefined;
      readonly lane: LaneName;
      readonly kind: SecurityEventKind;
      readonly sqlState: string | undefined;
      readonly fingerprint: string | undefined;
    }
  /** PostgreSQL let nobody in: a tenant, or a slot, which is nobody's at that moment. */
  | {
      readonly type: 'login-refused';
      readonly cell: string;
      readonly tenant: TenantId | undefined;
      readonly lane: LaneName;
      readonly sqlState: string | undefined;
    }
  | {
      readonly type: 'leak';
      readonly cell: string;
      readonly tenant: TenantId;
      readonly heldMs: number;
      /** The stack that took the connection. */
      readonly stack: string;
    };

/** What a pool holds at this moment. */
export interface PoolStatus {
  readonly cell: string;
  readonly total: number;
  readonly idle: number;
  readonly active: number;
  readonly opening: number;
  readonly waiting: number;
  readonly sealed: number;
  readonly leased: number;
  /** Connections in use, by tenant. */
  readonly holders: ReadonlyMap<TenantId, number>;
}

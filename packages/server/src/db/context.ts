import type { OperationKind } from '@tenantry/contract';
import type { Logger } from 'pino';
import type { Cells } from './cells/registry.ts';
import type { ControlDatabase, Tx } from './database.ts';
import type { ActorRecord } from './types.ts';

/** Puts work on the queue, in the transaction that creates it. */
export interface Jobs {
  enqueueOperation(tx: Tx, operationId: string, attempt?: number, kind?: OperationKind): Promise<void>;
  /** Wakes a worker of this process, once the transaction that enqueued has committed. */
  startSoon(): void;
  /** Asks for spare schemas to be made; cheap to call often. */
  replenishSoon(): void;
}

/** The event stream of this process. */
export interface Events {
  /** Something was committed: watchers need not wait for PostgreSQL's notification. */
  wake(): void;
}

/** What every verb gets besides its input. */
export interface Context {
  readonly control: ControlDatabase;
  readonly cells: Cells;
  readonly jobs: Jobs;
  readonly events: Events;
  readonly actor: ActorRecord;
  /** Set when the actor may see one tenant only; everything else is to it as if it did not exist. */
  readonly onlyTenant: string | null;
  readonly requestId: string | null;
  readonly sourceIp: string | null;
  readonly clock: () => Date;
  readonly log: Logger;
}

/** The actor of what Tenantry does by itself. */
export function systemActor(job: string): ActorRecord {
  return { kind: 'system', id: `system:${job}`, name: job };
}

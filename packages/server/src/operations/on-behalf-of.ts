import type { Context } from '../db/context.ts';
import type { OperationRecord } from './rows.ts';

/** The context of a worker, as whoever asked for the operation: the audit names them and their request, not the queue. */
export function onBehalfOf<C extends Context>(ctx: C, operation: OperationRecord): C {
  return { ...ctx, actor: operation.actor, requestId: operation.request_id };
}

import type { Context } from '../db/context.ts';
import type { ActorRecord } from '../db/types.ts';
import type { OperationRecord } from './rows.ts';

/** Who asked for something, and with which request. */
interface Asked {
  readonly actor: ActorRecord;
  readonly requestId: string | null;
}

/**
 * The context of a worker, as whoever asked for the operation, or for its last retry: the audit names them and their
 * request, not the queue.
 */
export function onBehalfOf<C extends Context>(ctx: C, operation: OperationRecord): C {
  const { retried } = operation.input as { readonly retried?: Asked };
  const { actor, requestId } = retried ?? { actor: operation.actor, requestId: operation.request_id };
  return { ...ctx, actor, requestId };
}

/**
 * The input of an operation that is run again by the caller. Kept there and not in place of the actor, whose
 * Idempotency-Key still names the operation.
 */
export function retriedBy(
  { actor, requestId }: Context,
  input: OperationRecord['input'],
): OperationRecord['input'] {
  const retried: Asked = { actor, requestId };
  return { ...input, retried };
}

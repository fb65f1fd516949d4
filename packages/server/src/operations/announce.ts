import type { Tx } from '../db/database.ts';
import { emit, type EventInput } from '../db/emit.ts';
import { milliseconds, toStep, type OperationRecord, type StepRecord } from './rows.ts';

/** Tells watchers that an operation changed its state. */
export async function announceOperation(tx: Tx, operation: OperationRecord): Promise<void> {
  await emit(tx, operationEvent(operation));
}

/** What watchers are told when an operation changed its state. */
export function operationEvent(operation: OperationRecord): EventInput {
  return {
    type: `operation.${operation.state}`,
    topics: topicsOf(operation),
    tenantId: operation.tenant_id,
    data: {
      operation: operation.id,
      kind: operation.kind,
      state: operation.state,
      attempt: operation.attempt,
      tenantId: operation.tenant_id,
      tenantSlug: operation.tenant_slug,
      error: operation.error,
      ms: milliseconds(operation.queued_at, operation.finished_at),
    },
  };
}

/** What watchers are told when a step changed its state or got further. */
export function stepEvent(operation: OperationRecord, step: StepRecord): EventInput {
  return {
    type: 'operation.step',
    topics: topicsOf(operation),
    tenantId: operation.tenant_id,
    data: { operation: operation.id, attempt: operation.attempt, step: toStep(step) },
  };
}

function topicsOf(operation: OperationRecord): string[] {
  const topics = ['operations', `operation:${operation.id}`];
  return operation.tenant_id ? [...topics, `tenant:${operation.tenant_id}`] : topics;
}

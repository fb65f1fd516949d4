import type { Selectable } from 'kysely';
import type { Operation, Step } from '@tenantry/contract';
import type { OperationRow, OperationStepRow } from '../db/types.ts';

export type OperationRecord = Selectable<OperationRow>;
export type StepRecord = Selectable<OperationStepRow>;

export function milliseconds(from: Date | null, to: Date | null): number | null {
  return from && to ? to.getTime() - from.getTime() : null;
}

export function toStep(row: StepRecord): Step {
  return {
    name: row.name,
    title: row.title,
    state: row.state,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    ms: milliseconds(row.started_at, row.finished_at),
    detail: row.detail,
    error: row.error,
  };
}

export function toOperation(row: OperationRecord, steps: readonly StepRecord[]): Operation {
  const own = steps
    .filter((step) => step.operation_id === row.id)
    .toSorted((a, b) => a.position - b.position);
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    tenantId: row.tenant_id,
    tenantSlug: row.tenant_slug,
    progress: {
      done: own.filter((step) => step.state === 'succeeded' || step.state === 'skipped').length,
      total: own.length,
    },
    steps: own.map(toStep),
    error: row.error,
    attempt: row.attempt,
    actor: { kind: row.actor.kind, id: row.actor.id, name: row.actor.name },
    requestId: row.request_id,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    ms: milliseconds(row.queued_at, row.finished_at),
  };
}

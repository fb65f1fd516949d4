import type { AttackTotals, FaultTotals, IsolationPart, RunAttack, RunControl } from '@tenantry/contract';
import type { Finding, ServerFingerprint } from '@tenantry/isolation';
import type { Tx } from '../db/database.ts';
import { emit } from '../db/emit.ts';
import { readRegistry } from './registry.ts';
import { settleFindings } from './settle-findings.ts';

/** What the tables of a run's page are made of; kept for a while. */
export interface PartDetail {
  readonly checks?: readonly { readonly check: string; readonly findings: number }[];
  readonly attacks?: readonly Omit<RunAttack, 'cell'>[];
  readonly controls?: readonly Omit<RunControl, 'cell'>[];
  readonly missed?: readonly { readonly id: string; readonly title: string }[];
  readonly skipped?: readonly { readonly id: string; readonly title: string; readonly reason: string }[];
}

/** What one part of a run came to on one cell. */
export interface PartResult {
  readonly runId: string;
  readonly cellId: string;
  readonly part: IsolationPart;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly findings: readonly Finding[];
  readonly covers: (known: { readonly check: string; readonly subject: string }) => boolean;
  readonly tenants: number;
  readonly server: ServerFingerprint;
  readonly notes: readonly string[];
  readonly attacks: AttackTotals | null;
  readonly faults: FaultTotals | null;
  readonly detail: PartDetail;
}

/** How a part went: numbers for its step. */
export interface RecordedPart {
  readonly seen: number;
  readonly opened: number;
  readonly resolved: number;
}

/** Writes what a part came to, and settles the findings of its cell, in the caller's transaction. */
export async function recordPart(tx: Tx, result: PartResult): Promise<RecordedPart> {
  const { entries } = await readRegistry(tx, result.cellId);
  const { seen, opened, resolved, events } = await settleFindings(tx, {
    cellId: result.cellId,
    part: result.part,
    run: result.runId,
    at: result.finishedAt,
    findings: result.findings,
    covers: result.covers,
    tenantOf: (schema) => entries.get(schema)?.tenantId ?? schema,
  });
  await upsert(tx, result, { state: 'succeeded', error: null, seen, opened, resolved });
  await emit(tx, ...events);
  return { seen, opened, resolved };
}

/** Writes that a part could not be run on a cell. Its findings stay as they were: nobody has looked. */
export async function recordFailure(
  tx: Tx,
  where: Pick<PartResult, 'runId' | 'cellId' | 'part' | 'startedAt' | 'finishedAt'>,
  error: string,
): Promise<void> {
  await upsert(
    tx,
    {
      ...where,
      tenants: 0,
      server: null,
      notes: [],
      attacks: null,
      faults: null,
      detail: {},
    },
    { state: 'failed', error, seen: 0, opened: 0, resolved: 0 },
  );
}

async function upsert(
  tx: Tx,
  result: Omit<PartResult, 'findings' | 'covers' | 'server'> & { readonly server: ServerFingerprint | null },
  outcome: RecordedPart & { readonly state: 'succeeded' | 'failed'; readonly error: string | null },
): Promise<void> {
  const { runId, cellId, part, startedAt, finishedAt, tenants, server, notes, attacks, faults, detail } =
    result;
  const values = {
    ...outcome,
    started_at: startedAt,
    finished_at: finishedAt,
    tenants,
    server: server && JSON.stringify(server),
    notes: [...notes],
    attacks: attacks && JSON.stringify(attacks),
    faults: faults && JSON.stringify(faults),
    detail: JSON.stringify(detail),
  };
  await tx
    .insertInto('isolation_results')
    .values({ run_id: runId, cell_id: cellId, part, ...values })
    .onConflict((conflict) => conflict.columns(['run_id', 'cell_id', 'part']).doUpdateSet(values))
    .execute();
}

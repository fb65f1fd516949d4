import { sql } from 'kysely';
import {
  operationStates,
  type OperationKind,
  type OperationPage,
  type OperationState,
} from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { TenantryError } from '../errors.ts';
import { toOperation } from './rows.ts';

export interface OperationFilter {
  readonly state?: string | undefined;
  readonly kind?: OperationKind | undefined;
  readonly tenantId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** A page of operations, newest first, with their steps. Throws CURSOR_INVALID or VALIDATION. */
export async function listOperations(ctx: Context, input: OperationFilter): Promise<OperationPage> {
  const limit = input.limit ?? 50;
  let query = ctx.control.db.selectFrom('operations');
  if (ctx.onlyTenant !== null) query = query.where('tenant_id', '=', ctx.onlyTenant);
  if (input.tenantId !== undefined) query = query.where('tenant_id', '=', input.tenantId);
  if (input.kind !== undefined) query = query.where('kind', '=', input.kind);
  if (input.state !== undefined) query = query.where('state', 'in', statesOf(input.state));
  const counted = await ctx.control.db
    .selectFrom(query.select('id').limit(countLimit).as('counted'))
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  let page = query
    .selectAll()
    // Microseconds, as text: a Date holds milliseconds only, and a cursor made of one would skip rows.
    .select(sql<string>`created_at::text`.as('cursor_key'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (input.cursor !== undefined) {
    const { key, id } = decodeCursor('operations', input.cursor);
    page = page.where(sql<boolean>`(created_at, id) < (${key}::timestamptz, ${id})`);
  }
  const rows = await readPage(input.cursor, () => page.execute());
  const ids = rows.slice(0, limit).map((row) => row.id);
  const steps =
    ids.length === 0
      ? []
      : await ctx.control.db
          .selectFrom('operation_steps')
          .selectAll()
          .where('operation_id', 'in', ids)
          .execute();
  return toPage(
    rows,
    limit,
    Number(counted.total),
    'operations',
    (row) => toOperation(row, steps),
    (row) => ({ key: row.cursor_key, id: row.id }),
  );
}

function statesOf(text: string): OperationState[] {
  return text.split(',').map((state) => {
    if (!(operationStates as readonly string[]).includes(state)) {
      throw new TenantryError(
        'VALIDATION',
        `There is no operation state "${state}". Use ${operationStates.join(', ')}.`,
      );
    }
    return state as OperationState;
  });
}

import { sql } from 'kysely';
import type { ListTimeline, Timeline, TimelineItem } from '@tenantry/contract';
import { toAuditEvent, type AuditRow } from '../audit/rows.ts';
import type { Context } from '../db/context.ts';
import { decodeCursor, encodeCursor, readPage } from '../db/page.ts';
import { toOperation, type OperationRecord } from '../operations/rows.ts';
import { findTenant } from './find.ts';

interface Entry {
  /** Microseconds, as text: what the order and the cursor go by. */
  readonly key: string;
  /** Decides where the time is the same: the audit trail's own order. */
  readonly sort: string;
  readonly item: TimelineItem;
}

/**
 * What happened to a tenant, newest first: its operations, and its audit events where the caller may read those. Throws
 * TENANT_NOT_FOUND, CURSOR_INVALID.
 */
export async function listTenantTimeline(
  ctx: Context,
  ref: string,
  input: ListTimeline,
  includesAudit: boolean,
): Promise<Timeline> {
  const { id } = await findTenant(ctx, ref);
  const limit = input.limit ?? 50;
  const list = `timeline:${id}`;
  const cursor = input.cursor === undefined ? undefined : decodeCursor(list, input.cursor);
  const before =
    cursor === undefined
      ? sql`true`
      : sql`(at, sort) < (${cursor.key}::timestamptz, ${cursor.id} COLLATE "C")`;
  const [operations, events] = await readPage(input.cursor, () =>
    Promise.all([
      readOperations(ctx, id, before, limit + 1),
      includesAudit ? readAudit(ctx, id, before, limit + 1) : [],
    ]),
  );
  // Each is in order by itself, and holds enough that the page is complete.
  const merged = [...operations, ...events].toSorted((a, b) => compare(b, a));
  const shown = merged.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    nextCursor: merged.length > limit && last ? encodeCursor(list, { key: last.key, id: last.sort }) : null,
    includesAudit,
    asOf: ctx.clock().toISOString(),
  };
}

function compare(a: Entry, b: Entry): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.sort < b.sort ? -1 : 1;
}

/** Of one width for all times of this era, in UTC: so texts are in the order of times. */
const asText = sql`to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

interface Keys {
  readonly key: string;
  readonly sort: string;
}

async function readOperations(
  ctx: Context,
  tenant: string,
  before: ReturnType<typeof sql>,
  limit: number,
): Promise<Entry[]> {
  const { rows } = await sql<OperationRecord & Keys>`
    SELECT o.*, ${asText} AS key
      FROM (SELECT *, created_at AS at, ('o' || id) COLLATE "C" AS sort
              FROM tenantry.operations WHERE tenant_id = ${tenant}) o
     WHERE ${before} ORDER BY at DESC, sort DESC LIMIT ${limit}`.execute(ctx.control.db);
  if (rows.length === 0) return [];
  const steps = await ctx.control.db
    .selectFrom('operation_steps')
    .selectAll()
    .where(
      'operation_id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  return rows.map((row) => ({
    key: row.key,
    sort: row.sort,
    item: {
      kind: 'operation',
      at: row.created_at.toISOString(),
      operation: toOperation(row, steps),
      audit: null,
    },
  }));
}

async function readAudit(
  ctx: Context,
  tenant: string,
  before: ReturnType<typeof sql>,
  limit: number,
): Promise<Entry[]> {
  const { rows } = await sql<AuditRow & Keys>`
    SELECT e.*, ${asText} AS key
      FROM (SELECT *, ('a' || lpad(seq::text, 19, '0')) COLLATE "C" AS sort
              FROM tenantry_audit.events WHERE tenant_id = ${tenant}) e
     WHERE ${before} ORDER BY at DESC, sort DESC LIMIT ${limit}`.execute(ctx.control.db);
  return rows.map((row) => ({
    key: row.key,
    sort: row.sort,
    item: { kind: 'audit', at: row.at.toISOString(), operation: null, audit: toAuditEvent(row) },
  }));
}

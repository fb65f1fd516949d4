import { sql } from 'kysely';
import type { AuditPage } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { matching, toAuditEvent, type AuditFilter, type AuditRow } from './rows.ts';

/** A page of the audit trail, newest first. Throws CURSOR_INVALID. */
export async function listAudit(
  ctx: Context,
  input: AuditFilter & { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): Promise<AuditPage> {
  const limit = input.limit ?? 50;
  const where = matching(input);
  const before =
    input.cursor === undefined ? sql`true` : sql`e.seq < ${decodeCursor('audit', input.cursor).key}::bigint`;
  const { rows } = await readPage(input.cursor, () =>
    sql<AuditRow>`
    SELECT e.* FROM tenantry_audit.events e
     WHERE ${where} AND ${before} ORDER BY e.seq DESC LIMIT ${limit + 1}`.execute(ctx.control.db),
  );
  const counted = await sql<{ total: number }>`
    SELECT count(*)::int AS total
      FROM (SELECT FROM tenantry_audit.events e WHERE ${where} LIMIT ${countLimit}) counted`.execute(
    ctx.control.db,
  );
  return toPage(rows, limit, counted.rows[0]!.total, 'audit', toAuditEvent, (row) => ({
    key: row.seq,
    id: row.id,
  }));
}

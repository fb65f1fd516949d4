import { sql } from 'kysely';
import type { ListSecurityEvents, SecurityEvent, SecurityEventPage } from '@tenantry/contract';
import { utc } from '../audit/rows.ts';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';

type Filter = Omit<ListSecurityEvents, 'tenant'> & { readonly tenantId?: string | undefined };

interface Row {
  readonly id: string;
  readonly minute: Date;
  readonly kind: SecurityEvent['kind'];
  readonly source: SecurityEvent['source'];
  readonly tenant_id: string | null;
  readonly slug: string | null;
  readonly cell_name: string | null;
  readonly lane: SecurityEvent['lane'];
  readonly sqlstate: string | null;
  readonly fingerprint: string | null;
  readonly count: string;
  readonly first_at: Date;
  readonly last_at: Date;
}

/** A page of what was refused, newest minute first; to who may see one tenant only, what was that tenant's. Throws CURSOR_INVALID. */
export async function listSecurityEvents(ctx: Context, input: Filter): Promise<SecurityEventPage> {
  const limit = input.limit ?? 50;
  const where = matching(ctx, input);
  const after = input.cursor === undefined ? undefined : decodeCursor('security', input.cursor);
  const before = after ? sql`(s.minute, s.id) < (${after.key}::timestamptz, ${after.id}::bigint)` : sql`true`;
  const { rows } = await readPage(input.cursor, () =>
    sql<Row>`
    SELECT s.*, t.slug, c.name AS cell_name
      FROM tenantry.security_events s
      LEFT JOIN tenantry.tenants t ON t.id = s.tenant_id LEFT JOIN tenantry.cells c ON c.id = s.cell_id
     WHERE ${where} AND ${before} ORDER BY s.minute DESC, s.id DESC LIMIT ${limit + 1}`.execute(
      ctx.control.db,
    ),
  );
  const counted = await sql<{ total: number }>`
    SELECT count(*)::int AS total
      FROM (SELECT FROM tenantry.security_events s WHERE ${where} LIMIT ${countLimit}) counted`.execute(
    ctx.control.db,
  );
  return toPage(rows, limit, counted.rows[0]!.total, 'security', toSecurityEvent, (row) => ({
    key: row.minute.toISOString(),
    id: row.id,
  }));
}

function matching(ctx: Context, { tenantId, kind, sqlState, source, from, to }: Filter) {
  const conditions = [
    ...(ctx.onlyTenant === null ? [] : [sql`s.tenant_id = ${ctx.onlyTenant}`]),
    ...(tenantId === undefined ? [] : [sql`s.tenant_id = ${tenantId}`]),
    ...(kind === undefined ? [] : [sql`s.kind = ${kind}`]),
    ...(sqlState === undefined ? [] : [sql`s.sqlstate = ${sqlState}`]),
    ...(source === undefined ? [] : [sql`s.source = ${source}`]),
    ...(from === undefined ? [] : [sql`s.last_at >= ${utc(from)}::timestamptz`]),
    ...(to === undefined ? [] : [sql`s.first_at < ${utc(to)}::timestamptz`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}

function toSecurityEvent(row: Row): SecurityEvent {
  return {
    id: `se_${row.id}`,
    kind: row.kind,
    source: row.source,
    tenantId: row.tenant_id,
    tenantSlug: row.slug,
    cell: row.cell_name,
    lane: row.lane,
    sqlState: row.sqlstate,
    fingerprint: row.fingerprint,
    count: Number(row.count),
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
  };
}

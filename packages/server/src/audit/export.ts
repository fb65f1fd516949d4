import { sql } from 'kysely';
import type { AuditEvent } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { matching, toAuditEvent, type AuditFilter, type AuditRow } from './rows.ts';

const batchSize = 1000;

/** The audit trail, oldest first, as lines of JSON or CSV. Read in batches: an export of any length needs little memory. */
export async function* exportAudit(
  ctx: Context,
  filter: AuditFilter,
  format: 'jsonl' | 'csv',
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHeader;
  const toLine = format === 'csv' ? toCsv : toJson;
  let after = '0';
  for (;;) {
    const { rows } = await sql<AuditRow>`
      SELECT e.* FROM tenantry_audit.events e
       WHERE ${matching(filter)} AND e.seq > ${after}::bigint ORDER BY e.seq LIMIT ${batchSize}`.execute(
      ctx.control.db,
    );
    if (rows.length > 0) yield rows.map((row) => toLine(toAuditEvent(row))).join('');
    if (rows.length < batchSize) return;
    after = rows.at(-1)!.seq;
  }
}

function toJson(event: AuditEvent): string {
  return `${JSON.stringify(event)}\n`;
}

const columns: readonly [string, (event: AuditEvent) => string | number | null][] = [
  ['seq', (e) => e.seq],
  ['id', (e) => e.id],
  ['at', (e) => e.at],
  ['actor_kind', (e) => e.actor.kind],
  ['actor_id', (e) => e.actor.id],
  ['actor_name', (e) => e.actor.name],
  ['action', (e) => e.action],
  ['outcome', (e) => e.outcome],
  ['target_kind', (e) => e.target.kind],
  ['target_id', (e) => e.target.id],
  ['tenant_id', (e) => e.tenantId],
  ['before', (e) => (e.before === null ? null : JSON.stringify(e.before))],
  ['after', (e) => (e.after === null ? null : JSON.stringify(e.after))],
  ['reason', (e) => e.reason],
  ['request_id', (e) => e.requestId],
  ['source_ip', (e) => e.sourceIp],
  ['prev_hash', (e) => e.prevHash],
  ['hash', (e) => e.hash],
];

const csvHeader = `${columns.map(([name]) => name).join(',')}\r\n`;

function toCsv(event: AuditEvent): string {
  return `${columns.map(([, value]) => csvField(value(event))).join(',')}\r\n`;
}

/** RFC 4180; a text that a spreadsheet would run as a formula gets an apostrophe in front. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value !== 'number' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

import { sql, type RawBuilder } from 'kysely';
import type { AuditEvent, AuditOutcome } from '@tenantry/contract';

export interface AuditRow {
  readonly seq: string;
  readonly id: string;
  readonly at: Date;
  readonly actor_kind: AuditEvent['actor']['kind'];
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly target_kind: string;
  readonly target_id: string;
  readonly tenant_id: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly request_id: string | null;
  readonly source_ip: string | null;
  readonly prev_hash: string;
  readonly hash: string;
}

export function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    seq: Number(row.seq),
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    action: row.action,
    outcome: row.outcome,
    target: { kind: row.target_kind, id: row.target_id },
    tenantId: row.tenant_id,
    before: row.before ?? null,
    after: row.after ?? null,
    reason: row.reason,
    requestId: row.request_id,
    sourceIp: row.source_ip,
    prevHash: row.prev_hash,
    hash: row.hash,
  };
}

/** What narrows a list or an export of the audit trail. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  /** An action, or all of a noun as `tenant.*`. */
  readonly action?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly requestId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A time that a caller gave, as the one form that every part of the system reads alike. */
export function utc(time: string): string {
  return new Date(time).toISOString();
}

/** The filter as a condition on `e`. */
export function matching(filter: AuditFilter): RawBuilder<unknown> {
  const conditions = [sql`true`];
  if (filter.actor) conditions.push(sql`(e.actor_id = ${filter.actor} OR e.actor_name = ${filter.actor})`);
  if (filter.action?.endsWith('*')) {
    conditions.push(sql`starts_with(e.action, ${filter.action.slice(0, -1)})`);
  } else if (filter.action) {
    conditions.push(sql`e.action = ${filter.action}`);
  }
  if (filter.tenantId) conditions.push(sql`e.tenant_id = ${filter.tenantId}`);
  if (filter.outcome) conditions.push(sql`e.outcome = ${filter.outcome}`);
  if (filter.requestId) conditions.push(sql`e.request_id = ${filter.requestId}`);
  if (filter.from) conditions.push(sql`e.at >= ${utc(filter.from)}::timestamptz`);
  if (filter.to) conditions.push(sql`e.at < ${utc(filter.to)}::timestamptz`);
  return sql.join(conditions, sql` AND `);
}

import type { EvidenceException, StoredFinding } from '@tenantry/isolation/evidence';
import type { Context } from '../db/context.ts';
import type { AcceptedCounts } from './runs.ts';

/** Findings as they stand: open ones, accepted ones, and how many of each check and cell are accepted. */
export interface StandingFindings {
  readonly open: readonly StoredFinding[];
  readonly exceptions: readonly EvidenceException[];
  readonly accepted: AcceptedCounts;
}

/** What is open or accepted now. */
export async function readFindings(ctx: Context): Promise<StandingFindings> {
  const rows = await ctx.control.db
    .selectFrom('isolation_findings')
    .innerJoin('cells', 'cells.id', 'isolation_findings.cell_id')
    .selectAll('isolation_findings')
    .select('cells.name as cell')
    .where('state', '<>', 'resolved')
    .execute();
  const accepted = rows.filter(({ state }) => state === 'accepted');
  const counts = Map.groupBy(accepted, ({ cell, check_id: check }) => `${cell}\0${check}`);
  return {
    open: rows.filter(({ state }) => state === 'open').map(toFinding),
    exceptions: accepted.map((row) => ({
      check: row.check_id,
      subject: row.subject,
      tenant: row.tenant_id,
      severity: row.severity,
      message: row.message,
      remediation: row.remediation,
      firstSeenAt: row.first_seen_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
      reason: row.accepted_reason ?? '',
      acceptedBy: row.accepted_by === null ? null : `${row.accepted_by.name} (${row.accepted_by.kind})`,
      acceptedAt: row.accepted_at?.toISOString() ?? null,
      until: row.accepted_until?.toISOString() ?? null,
    })),
    accepted: new Map([...counts].map(([key, each]) => [key, each.length])),
  };
}

function toFinding(row: {
  readonly check_id: string;
  readonly subject: string;
  readonly tenant_id: string | null;
  readonly severity: StoredFinding['severity'];
  readonly message: string;
  readonly remediation: string | null;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
}): StoredFinding {
  return {
    check: row.check_id,
    subject: row.subject,
    tenant: row.tenant_id,
    severity: row.severity,
    message: row.message,
    remediation: row.remediation,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
  };
}

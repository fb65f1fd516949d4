import type { Evidence } from '@tenantry/contract';
import type { SignedReport } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';

/** A report as lists show it. */
export interface EvidenceRow {
  readonly id: string;
  readonly chain: string;
  readonly sequence: string;
  readonly tenant_id: string | null;
  readonly issued_at: Date;
  readonly hash: string;
  readonly prev_hash: string | null;
  readonly key_id: string;
  readonly summary: Summary;
}

/** What is kept of a report beside its document. */
export type Summary = Pick<
  Evidence,
  'outcome' | 'headline' | 'findings' | 'exceptions' | 'from' | 'to' | 'issuedBy'
>;

/** The columns of a list: all but the document. */
export const evidenceColumns = sql.raw(
  'e.id, e.chain, e.sequence, e.tenant_id, e.issued_at, e.hash, e.prev_hash, e.key_id, e.summary',
);

export function summaryOf({ report }: SignedReport): Summary {
  return {
    outcome: report.verdict.outcome,
    headline: report.verdict.headline,
    findings: report.findings.length,
    exceptions: report.exceptions.length,
    from: report.period.from,
    to: report.period.to,
    issuedBy: report.issuedBy,
  };
}

export function toEvidence(row: EvidenceRow): Evidence {
  return {
    ...row.summary,
    id: row.id,
    chain: row.chain,
    sequence: Number(row.sequence),
    tenantId: row.tenant_id,
    issuedAt: row.issued_at.toISOString(),
    keyId: row.key_id,
    hash: row.hash,
    previousHash: row.prev_hash,
  };
}

/** A report that the caller may see, with its document. Throws EVIDENCE_NOT_FOUND: also for the report of somebody else. */
export async function findEvidence(
  ctx: Context,
  id: string,
): Promise<EvidenceRow & { readonly document: string }> {
  const { rows } = await sql<EvidenceRow & { readonly document: string }>`
    SELECT ${evidenceColumns}, e.document FROM tenantry_audit.evidence e
     WHERE e.id = ${id.replaceAll('\0', '')} AND (${ctx.onlyTenant}::text IS NULL OR e.tenant_id = ${ctx.onlyTenant})`.execute(
    ctx.control.db,
  );
  if (!rows[0]) throw new TenantryError('EVIDENCE_NOT_FOUND');
  return rows[0];
}

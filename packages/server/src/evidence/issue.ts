import type { Evidence, IssueEvidence } from '@tenantry/contract';
import {
  buildReport,
  sealReport,
  toEvidenceJson,
  type ChainPosition,
  type EvidenceInput,
  type SigningKey,
} from '@tenantry/isolation/evidence';
import { randomBase32 } from '@tenantry/tenancy';
import { sql } from 'kysely';
import { record } from '../audit/record.ts';
import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { findTenant } from '../tenants/find.ts';
import { readFindings } from './findings.ts';
import { readLifecycle, readSeries } from './history.ts';
import { readMatrices } from './matrices.ts';
import { countTenants, readTenants } from './registry.ts';
import { summaryOf, toEvidence } from './rows.ts';
import { readRuns } from './runs.ts';

/** What a report is issued with. */
export interface Issuer {
  readonly key: SigningKey;
  readonly version: string;
}

/** What a report covers where nobody says: so many days until now. */
const defaultDays = 30;

/**
 * Issues a report of the runs that are stored: on the whole installation, or on one tenant for that customer's eyes. It looks at the
 * registry, the findings and the rights as they are now; for a fresh look start a run first. What it says is never changed.
 * Throws TENANT_NOT_FOUND, TENANT_STATE_CONFLICT, VALIDATION (a period that ends before it begins), DATABASE_UNAVAILABLE.
 */
export async function issueEvidence(
  ctx: IsolationContext,
  { tenant, from, to }: IssueEvidence,
  issuer: Issuer,
): Promise<Evidence> {
  const period = periodOf(ctx.clock(), from, to);
  const subject = tenant === undefined ? null : await findTenant(ctx, tenant);
  const facts = await gather(ctx, period, issuer.version);
  if (subject !== null && !facts.tenants!.some(({ id }) => id === subject.id)) {
    throw new TenantryError(
      'TENANT_STATE_CONFLICT',
      `The tenant is ${subject.state} and has no schema that a report could be about.`,
    );
  }
  return ctx.control.db.transaction().execute(async (tx) => {
    const name = subject?.id ?? 'installation';
    const signed = sealReport(
      buildReport({
        ...facts,
        id: `ev_${randomBase32(16)}`,
        issuedAt: ctx.clock().toISOString(),
        issuedBy: `${ctx.actor.name} (${ctx.actor.kind})`,
        software: { name: 'Tenantry', version: issuer.version },
        keyId: issuer.key.id,
        chain: await endOfChain(tx, name),
        tenant: subject?.id ?? null,
      }),
      issuer.key,
    );
    const summary = summaryOf(signed);
    await sql`SELECT tenantry_audit.append_evidence(${subject?.id ?? null}, ${JSON.stringify(summary)}::jsonb, ${toEvidenceJson(signed)})`.execute(
      tx,
    );
    const { report, hash } = signed;
    const evidence = toEvidence({
      id: report.id,
      chain: name,
      sequence: String(report.chain.sequence),
      tenant_id: subject?.id ?? null,
      issued_at: new Date(report.issuedAt),
      hash,
      prev_hash: report.chain.previous?.hash ?? null,
      key_id: report.keyId,
      summary,
    });
    await record(tx, ctx, {
      action: 'evidence.issue',
      target: { kind: 'evidence', id: report.id },
      tenantId: subject?.id ?? null,
      after: evidence,
    });
    return evidence;
  });
}

/** Where the next report of a chain stands. Others of the chain wait until the transaction ends. */
async function endOfChain(tx: Tx, name: string): Promise<ChainPosition> {
  const { rows } = await sql<{ sequence: string | null; id: string; hash: string }>`
    SELECT sequence, id, hash FROM tenantry_audit.lock_evidence(${name})`.execute(tx);
  const last = rows[0];
  if (last === undefined || last.sequence === null) return { name, sequence: 1, previous: null };
  return { name, sequence: Number(last.sequence) + 1, previous: { id: last.id, hash: last.hash } };
}

type Facts = Omit<EvidenceInput, 'id' | 'issuedAt' | 'issuedBy' | 'software' | 'keyId' | 'chain' | 'tenant'>;

async function gather(
  ctx: IsolationContext,
  period: EvidenceInput['period'],
  version: string,
): Promise<Facts> {
  const [tenants, standing, series, lifecycle, accessMatrices, home] = await Promise.all([
    readTenants(ctx),
    readFindings(ctx),
    readSeries(ctx, period),
    readLifecycle(ctx, period),
    readMatrices(ctx),
    ctx.control.db.selectFrom('cells').select('host').where('is_default', '=', true).executeTakeFirst(),
  ]);
  return {
    installation: home?.host ?? 'unknown',
    period,
    tenants,
    runs: await readRuns(ctx, period, standing.accepted, version),
    findings: standing.open,
    acceptances: [],
    exceptions: standing.exceptions,
    series,
    counted: await countTenants(ctx, tenants, accessMatrices),
    accessMatrices,
    lifecycle,
  };
}

function periodOf(now: Date, from: string | undefined, to: string | undefined): EvidenceInput['period'] {
  const end = to === undefined ? now : new Date(to);
  const start = from === undefined ? new Date(end.getTime() - defaultDays * 86_400_000) : new Date(from);
  if (start >= end || end > now) {
    throw new TenantryError('VALIDATION', '"from" must be before "to", and "to" not in the future.');
  }
  return { from: start.toISOString(), to: end.toISOString() };
}

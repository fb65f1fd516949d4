import type { EvidenceVerification, VerifyEvidence } from '@tenantry/contract';
import { verifyChain, verifyingKey } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { findTenant } from '../tenants/find.ts';
import { listEvidenceKeys } from './list.ts';

/** So many reports are read at once. */
const batchSize = 20;

/**
 * Checks a chain from its first report to its last, each by its hash, its signature and the one before. With the keys that are published here: who
 * does not trust this control plane verifies downloads with a key of their own. A tenant's key checks the chain of that tenant.
 * Throws TENANT_NOT_FOUND.
 */
export async function verifyEvidence(
  ctx: Context,
  { tenant, head }: VerifyEvidence,
): Promise<EvidenceVerification> {
  const chain = await chainOf(ctx, tenant);
  const keys = (await listEvidenceKeys(ctx, '')).items.map(({ publicKey }) => verifyingKey(publicKey));
  let checked = 0;
  let last: string | null = null;
  let broken: EvidenceVerification['broken'] = null;
  for (;;) {
    const texts = await readBatch(ctx, chain, checked);
    const part = verifyChain(texts, keys, last === null ? {} : { since: last });
    checked += part.checked;
    last = part.head ?? last;
    if (part.broken !== null) broken = toBroken(part.broken);
    if (broken !== null || texts.length < batchSize) break;
  }
  if (broken === null && head !== undefined && head !== last) {
    broken = {
      id: null,
      problem: 'truncated',
      message: `The chain ends with ${last ?? 'nothing'} and not with ${head}: reports at its end are missing.`,
    };
  }
  const result = { ok: broken === null, chain, checked, head: last, broken };
  await ctx.control.db.transaction().execute((tx) =>
    record(tx, ctx, {
      action: 'evidence.verify',
      target: { kind: 'evidence-chain', id: chain },
      tenantId: chain === 'installation' ? null : chain,
      outcome: result.ok ? 'success' : 'failure',
      after: result,
    }),
  );
  return result;
}

async function chainOf(ctx: Context, tenant: string | undefined): Promise<string> {
  const ref = tenant ?? ctx.onlyTenant;
  return ref === null ? 'installation' : (await findTenant(ctx, ref)).id;
}

async function readBatch(ctx: Context, chain: string, after: number): Promise<readonly string[]> {
  const { rows } = await sql<{ document: string }>`
    SELECT document FROM tenantry_audit.evidence
     WHERE chain = ${chain} ORDER BY sequence OFFSET ${after} LIMIT ${batchSize}`.execute(ctx.control.db);
  return rows.map(({ document }) => document);
}

function toBroken({
  id,
  code,
  message,
}: {
  readonly id: string | null;
  readonly code: string;
  readonly message: string;
}): EvidenceVerification['broken'] {
  return { id, problem: code, message };
}

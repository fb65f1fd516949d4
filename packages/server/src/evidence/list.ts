import type { EvidenceKeyList, EvidencePage, ListEvidence } from '@tenantry/contract';
import { sql } from 'kysely';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { findTenantId } from '../tenants/find.ts';
import { evidenceColumns, toEvidence, type EvidenceRow } from './rows.ts';

/** A page of reports, newest first; a tenant's key sees those for that tenant. Throws CURSOR_INVALID. */
export async function listEvidence(ctx: Context, input: ListEvidence): Promise<EvidencePage> {
  const limit = input.limit ?? 50;
  const tenant = await findTenantId(ctx, input.tenant);
  const where = sql`(${ctx.onlyTenant}::text IS NULL OR e.tenant_id = ${ctx.onlyTenant})
    AND (${tenant ?? null}::text IS NULL OR e.tenant_id = ${tenant ?? null})`;
  const at = input.cursor === undefined ? undefined : decodeCursor('evidence', input.cursor);
  const before = at === undefined ? sql`true` : sql`(e.issued_at, e.id) < (${at.key}::timestamptz, ${at.id})`;
  const { rows } = await readPage(input.cursor, () =>
    sql<EvidenceRow>`
      SELECT ${evidenceColumns} FROM tenantry_audit.evidence e
       WHERE ${where} AND ${before} ORDER BY e.issued_at DESC, e.id DESC LIMIT ${limit + 1}`.execute(
      ctx.control.db,
    ),
  );
  const counted = await sql<{ total: number }>`
    SELECT count(*)::int AS total
      FROM (SELECT FROM tenantry_audit.evidence e WHERE ${where} LIMIT ${countLimit}) counted`.execute(
    ctx.control.db,
  );
  return toPage(rows, limit, counted.rows[0]!.total, 'evidence', toEvidence, (row) => ({
    key: row.issued_at.toISOString(),
    id: row.id,
  }));
}

/** Every public key that was ever published, oldest first: whoever checks an old report needs an old key. */
export async function listEvidenceKeys(ctx: Context, current: string): Promise<EvidenceKeyList> {
  const { rows } = await sql<{ id: string; public_key: string; created_at: Date }>`
    SELECT id, public_key, created_at FROM tenantry_audit.evidence_keys ORDER BY created_at, id`.execute(
    ctx.control.db,
  );
  return {
    items: rows.map(({ id, public_key: publicKey, created_at: createdAt }) => ({
      id,
      algorithm: 'Ed25519',
      publicKey,
      createdAt: createdAt.toISOString(),
      current: id === current,
    })),
  };
}

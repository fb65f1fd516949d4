import type { EvidenceFormat } from '@tenantry/contract';
import {
  canonical,
  renderForms,
  sealManifest,
  type SignedReport,
  type SigningKey,
} from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { findEvidence, type EvidenceRow } from './rows.ts';

/** A report as a download. */
export interface EvidenceDownload {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string | Buffer;
}

interface Forms {
  readonly html: Buffer;
  readonly pdf: Buffer;
  readonly manifest: string;
}

const mediaTypes: Readonly<Record<EvidenceFormat, string>> = {
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  manifest: 'application/json',
};

/**
 * A report in one of its forms, for who may see it; who has downloaded it stands in the audit trail. The page and the print are made when
 * they are first asked for, which takes seconds where there are a thousand tenants. Throws EVIDENCE_NOT_FOUND.
 */
export async function getEvidence(
  ctx: Context,
  id: string,
  format: EvidenceFormat,
  key: SigningKey,
): Promise<EvidenceDownload> {
  const row = await findEvidence(ctx, id);
  const content = format === 'json' ? row.document : (await formsOf(ctx, row, key))[format];
  await ctx.control.db.transaction().execute((tx) =>
    record(tx, ctx, {
      action: 'evidence.download',
      target: { kind: 'evidence', id },
      tenantId: row.tenant_id,
      after: { format },
    }),
  );
  return { name: fileName(row, format), mediaType: mediaTypes[format], content };
}

/** Sorts as the chain does. */
function fileName({ id, sequence }: EvidenceRow, format: EvidenceFormat): string {
  const ending = format === 'manifest' ? 'manifest.json' : format;
  return `tenantry-evidence-${sequence.padStart(6, '0')}-${id}.${ending}`;
}

/** Being made: who asks meanwhile waits for the same. */
const underWay = new Map<string, Promise<Forms>>();

async function formsOf(
  ctx: Context,
  row: EvidenceRow & { readonly document: string },
  key: SigningKey,
): Promise<Forms> {
  const kept = await readForms(ctx, row.id);
  if (kept !== undefined) return kept;
  const begun = underWay.get(row.id);
  if (begun !== undefined) return begun;
  const made = makeForms(ctx, row, key).finally(() => underWay.delete(row.id));
  underWay.set(row.id, made);
  return made;
}

async function readForms(ctx: Context, id: string): Promise<Forms | undefined> {
  const { rows } = await sql<Forms>`
    SELECT html, pdf, manifest FROM tenantry_audit.evidence_forms WHERE id = ${id}`.execute(ctx.control.db);
  return rows[0];
}

async function makeForms(
  ctx: Context,
  row: EvidenceRow & { readonly document: string },
  key: SigningKey,
): Promise<Forms> {
  const signed = JSON.parse(row.document) as SignedReport;
  const { html, pdf } = await renderForms(signed);
  const files = (['json', 'html', 'pdf'] as const).map((format) => ({
    name: fileName(row, format),
    mediaType: mediaTypes[format],
    content: format === 'json' ? Buffer.from(row.document) : format === 'html' ? Buffer.from(html) : pdf,
  }));
  const manifest = canonical(sealManifest(signed, files, key));
  await sql`
    SELECT tenantry_audit.add_evidence_forms(${row.id}, ${Buffer.from(html)}, ${Buffer.from(pdf)}, ${manifest})`.execute(
    ctx.control.db,
  );
  // Another control plane may have been faster: what is kept is what everybody gets.
  return (await readForms(ctx, row.id))!;
}

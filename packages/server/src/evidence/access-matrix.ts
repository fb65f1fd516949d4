import type { GetAccessMatrix } from '@tenantry/contract';
import { matrixCsv } from '@tenantry/isolation/evidence';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { EvidenceDownload } from './get.ts';
import { readMatrices } from './matrices.ts';

/**
 * What every role may do in every tenant's schema, read now. A pair that is not in it has nothing. Who has asked stands in the audit
 * trail. Throws CELL_NOT_FOUND, DATABASE_UNAVAILABLE.
 */
export async function getAccessMatrix(
  ctx: Context,
  { cell, format = 'json' }: GetAccessMatrix,
): Promise<EvidenceDownload> {
  const matrices = await readMatrices(ctx, cell);
  await ctx.control.db.transaction().execute((tx) =>
    record(tx, ctx, {
      action: 'evidence.export-access-matrix',
      target: { kind: 'access-matrix', id: cell ?? 'all cells' },
      after: { format, cells: matrices.length },
    }),
  );
  const name = `tenantry-access-matrix.${format}`;
  if (format === 'csv') return { name, mediaType: 'text/csv; charset=utf-8', content: matrixCsv(matrices) };
  const items = matrices.map(([of, { names: _, ...matrix }]) => Object.assign({ cell: of }, matrix));
  return { name, mediaType: 'application/json', content: JSON.stringify({ items }) };
}

import type { Finding } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import { selectFindings, toFinding, type FindingRecord } from './rows.ts';

/** A finding. Throws FINDING_NOT_FOUND. */
export async function getFinding(ctx: Context, id: string): Promise<Finding> {
  const row = await selectFindings(ctx.control.db).where('isolation_findings.id', '=', id).executeTakeFirst();
  if (!row) throw new TenantryError('FINDING_NOT_FOUND');
  return toFinding(row, ctx.clock());
}

/** The same, locked against other changes until the transaction ends. */
export async function lockFinding(tx: Tx, id: string): Promise<FindingRecord> {
  const row = await selectFindings(tx)
    .where('isolation_findings.id', '=', id)
    .forUpdate('isolation_findings')
    .executeTakeFirst();
  if (!row) throw new TenantryError('FINDING_NOT_FOUND');
  return row;
}

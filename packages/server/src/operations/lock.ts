import type { Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';
import type { OperationRecord } from './rows.ts';

/** An operation, locked against other changes until the transaction ends. Throws OPERATION_NOT_FOUND. */
export async function lockOperation(tx: Tx, id: string): Promise<OperationRecord> {
  const row = await tx
    .selectFrom('operations')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new TenantryError('OPERATION_NOT_FOUND');
  return row;
}

import type { AuditEntry } from '../audit/record.ts';
import type { Tx } from '../db/database.ts';
import type { EventInput } from '../db/emit.ts';
import { toApiKey } from './rows.ts';

/**
 * Removes the keys of a tenant whose row is about to go, with the sessions and the sign-in links that hang on them. Gives
 * what the audit and watchers are to be told: a key that is gone is revoked to both.
 */
export async function forgetKeys(
  tx: Tx,
  tenantId: string,
  now: Date,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly events: readonly EventInput[] }> {
  const ids = tx.selectFrom('api_keys').select('id').where('tenant_id', '=', tenantId);
  await tx.deleteFrom('sign_in_codes').where('key_id', 'in', ids).execute();
  await tx
    .deleteFrom('sessions')
    .where((eb) => eb.or([eb('tenant_id', '=', tenantId), eb('key_id', 'in', ids)]))
    .execute();
  const rows = await tx.deleteFrom('api_keys').where('tenant_id', '=', tenantId).returningAll().execute();
  const keys = rows.map((row) => ({
    before: toApiKey(row),
    after: toApiKey({ ...row, revoked_at: row.revoked_at ?? now }),
  }));
  return {
    entries: keys.map(({ before, after }) => ({
      action: 'key.revoke',
      target: { kind: 'key', id: before.id },
      tenantId,
      before,
      after,
      reason: 'The tenant was not provisioned after all',
    })),
    events: keys.map(({ after }) => ({ type: 'key.revoked', topics: ['keys'], data: { key: after } })),
  };
}

import type { ApiKey } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { emit } from '../db/emit.ts';
import { TenantryError } from '../errors.ts';
import { toApiKey } from './rows.ts';

/** Revokes an API key; the next request with it is refused. Revoking it again changes nothing. Throws KEY_NOT_FOUND. */
export function revokeKey(ctx: Context, id: string): Promise<ApiKey> {
  return ctx.control.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new TenantryError('KEY_NOT_FOUND');
    if (row.revoked_at) return toApiKey(row);
    const revoked = await tx
      .updateTable('api_keys')
      .set({ revoked_at: ctx.clock() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const [before, after] = [toApiKey(row), toApiKey(revoked)];
    await record(tx, ctx, {
      action: 'key.revoke',
      target: { kind: 'key', id },
      tenantId: row.tenant_id,
      before,
      after,
    });
    await emit(tx, { type: 'key.revoked', topics: ['keys'], data: { key: after } });
    return after;
  });
}

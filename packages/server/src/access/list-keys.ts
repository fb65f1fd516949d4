import type { ApiKeyList } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { toApiKey } from './rows.ts';

/** Every API key, newest first; never a token or its hash. */
export async function listKeys(ctx: Context): Promise<ApiKeyList> {
  const rows = await ctx.control.db
    .selectFrom('api_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .execute();
  return { items: rows.map(toApiKey) };
}

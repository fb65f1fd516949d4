import { createHash } from 'node:crypto';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import type { Idempotency } from './create.ts';
import type { OperationRecord } from './rows.ts';

/** Ties an Idempotency-Key to the request that it came with. */
export function idempotencyOf(key: string | undefined, request: unknown): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new TenantryError('VALIDATION', 'The Idempotency-Key must be 1 to 200 visible ASCII characters.');
  }
  return { key, requestHash: createHash('sha256').update(JSON.stringify(request)).digest('hex') };
}

/**
 * The operation that an earlier request with this key started, or undefined.
 * Throws IDEMPOTENCY_KEY_REUSED when that request was another one.
 */
export async function findByIdempotency(
  ctx: Context,
  idempotency: Idempotency | undefined,
): Promise<OperationRecord | undefined> {
  if (!idempotency) return undefined;
  const row = await ctx.control.db
    .selectFrom('operations')
    .selectAll()
    .where((eb) => eb.fn<string>('jsonb_extract_path_text', ['actor', eb.val('id')]), '=', ctx.actor.id)
    .where('idempotency_key', '=', idempotency.key)
    .executeTakeFirst();
  if (row && row.request_hash !== idempotency.requestHash) throw new TenantryError('IDEMPOTENCY_KEY_REUSED');
  return row;
}

import type { SignInCode } from '@tenantry/contract';
import { record } from '../../audit/record.ts';
import type { Context } from '../../db/context.ts';
import { hashCode, newSignInCode } from './token.ts';

/** Long enough to copy an address from a terminal into a browser. */
const lastsSeconds = 600;

/** Makes a one-time code that signs a browser in as a key. Audited as session.invite. */
export async function createSignInCode(ctx: Context, keyId: string): Promise<Omit<SignInCode, 'url'>> {
  const { code, hash } = newSignInCode();
  const now = ctx.clock();
  const expiresAt = new Date(now.getTime() + lastsSeconds * 1000);
  await ctx.control.db.transaction().execute(async (tx) => {
    // Those that nobody used.
    await tx.deleteFrom('sign_in_codes').where('expires_at', '<', now).execute();
    await tx
      .insertInto('sign_in_codes')
      .values({ code_hash: hash, key_id: keyId, expires_at: expiresAt })
      .execute();
    await record(tx, ctx, {
      action: 'session.invite',
      target: { kind: 'key', id: keyId },
      tenantId: ctx.onlyTenant,
      after: { expiresAt: expiresAt.toISOString() },
    });
  });
  return { code, expiresAt: expiresAt.toISOString() };
}

/** The key that a code stands for. It works once: two that come at the same moment meet one row. */
export async function redeemSignInCode(ctx: Context, code: string): Promise<string | undefined> {
  const row = await ctx.control.db
    .deleteFrom('sign_in_codes')
    .where('code_hash', '=', hashCode(code))
    .returning(['key_id', 'expires_at'])
    .executeTakeFirst();
  return row && row.expires_at > ctx.clock() ? row.key_id : undefined;
}

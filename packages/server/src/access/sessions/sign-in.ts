import type { SignIn } from '@tenantry/contract';
import type { Context } from '../../db/context.ts';
import { TenantryError } from '../../errors.ts';
import { authenticate, callerOfKey, type Caller } from '../authenticate.ts';
import { redeemSignInCode } from './code.ts';
import { openSession, type OpenedSession, type SessionLimits } from './open.ts';

/**
 * Exchanges an API key or a one-time code for a browser session. Throws SIGN_IN_REFUSED, without a word about which of the
 * reasons it was.
 */
export async function signIn(
  ctx: Context,
  input: SignIn,
  limits: SessionLimits,
  userAgent: string | null,
): Promise<OpenedSession> {
  const method = input.apiKey === undefined ? 'code' : 'apiKey';
  const caller = await callerOf(ctx, input);
  if (!caller) {
    throw new TenantryError(
      'SIGN_IN_REFUSED',
      method === 'code'
        ? 'This link has been used or is too old. "tenantry console" prints a new one.'
        : 'This is no API key that works.',
    );
  }
  const as = { ...ctx, actor: caller.actor, onlyTenant: caller.onlyTenant };
  return openSession(as, { method, keyId: caller.actor.id }, limits, userAgent);
}

async function callerOf(ctx: Context, { apiKey, code }: SignIn): Promise<Caller | undefined> {
  const { db } = ctx.control;
  if (apiKey !== undefined) return authenticate(db, apiKey.trim(), ctx.clock());
  const keyId = code === undefined ? undefined : await redeemSignInCode(ctx, code);
  return keyId === undefined ? undefined : callerOfKey(db, keyId, ctx.clock());
}

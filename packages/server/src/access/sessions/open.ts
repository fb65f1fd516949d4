import type { PeopleRole, SignInMethod } from '@tenantry/contract';
import { record } from '../../audit/record.ts';
import type { Context } from '../../db/context.ts';
import type { Tx } from '../../db/database.ts';
import { emit } from '../../db/emit.ts';
import type { Caller } from '../authenticate.ts';
import { authenticateSession } from './authenticate.ts';
import { newSessionToken } from './token.ts';

/** How long sessions last. */
export interface SessionLimits {
  /** Seconds. */
  readonly idle: number;
  /** Seconds. */
  readonly lifetime: number;
}

/** Whom a session is for: a key, or a person whom an OpenID provider named. */
export type Subject =
  | { readonly method: 'apiKey' | 'code'; readonly keyId: string }
  | {
      readonly method: 'oidc';
      readonly userId: string;
      readonly userName: string;
      readonly role: PeopleRole;
      readonly tenantId: string | null;
      /** Encrypted. */
      readonly idToken: Buffer | null;
    };

export interface OpenedSession {
  /** The value of the cookie; kept nowhere else. */
  readonly token: string;
  readonly caller: Caller;
}

/** Opens a browser session; `ctx.actor` is the one who signs in. Audited as session.create. */
export async function openSession(
  ctx: Context,
  subject: Subject,
  limits: SessionLimits,
  userAgent: string | null,
): Promise<OpenedSession> {
  const token = await ctx.control.db.transaction().execute(async (tx) => {
    const value = await insertSession(tx, ctx, subject, limits, userAgent);
    await announce(tx, ctx, value.id, subject.method);
    return value.token;
  });
  ctx.events.wake();
  const caller = await authenticateSession(ctx.control.db, token, ctx.clock());
  if (!caller) throw new Error('A session that was just opened cannot be used');
  return { token, caller };
}

async function insertSession(
  tx: Tx,
  ctx: Context,
  subject: Subject,
  limits: SessionLimits,
  userAgent: string | null,
): Promise<{ readonly id: string; readonly token: string }> {
  const { id, token, hash } = newSessionToken();
  const now = ctx.clock();
  const who =
    subject.method === 'oidc'
      ? {
          user_id: subject.userId,
          user_name: subject.userName,
          role: subject.role,
          tenant_id: subject.tenantId,
          id_token: subject.idToken,
        }
      : { key_id: subject.keyId };
  await tx
    .insertInto('sessions')
    .values({
      id,
      token_hash: hash,
      method: subject.method,
      ...who,
      created_at: now,
      last_seen_at: now,
      idle_seconds: limits.idle,
      expires_at: new Date(now.getTime() + limits.lifetime * 1000),
      source_ip: ctx.sourceIp,
      user_agent: userAgent?.slice(0, 300) ?? null,
    })
    .execute();
  return { id, token };
}

async function announce(tx: Tx, ctx: Context, id: string, method: SignInMethod): Promise<void> {
  await record(tx, ctx, {
    action: 'session.create',
    target: { kind: 'session', id },
    tenantId: ctx.onlyTenant,
    after: { method },
  });
  await emit(tx, { type: 'session.created', topics: ['sessions'], data: { session: id } });
}

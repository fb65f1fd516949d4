import type { Session, SessionEnd } from '@tenantry/contract';
import { record } from '../../audit/record.ts';
import type { Context } from '../../db/context.ts';
import { emit } from '../../db/emit.ts';
import { TenantryError } from '../../errors.ts';
import { selectSessions, toSession, type SessionRecord } from './rows.ts';

export interface EndedSession {
  readonly session: Session;
  /** What the provider gave at sign-in, encrypted: for signing out there, too. */
  readonly idToken: Buffer | null;
}

/** Ends a session; its next request is refused, and so are its streams. Throws SESSION_NOT_FOUND. */
export async function endSession(ctx: Context, id: string, end: SessionEnd): Promise<EndedSession> {
  const row = await ctx.control.db.transaction().execute(async (tx): Promise<SessionRecord> => {
    const found = await selectSessions(tx)
      .where('sessions.id', '=', id)
      .where('sessions.ended_at', 'is', null)
      .forUpdate('sessions')
      .executeTakeFirst();
    if (!found) throw new TenantryError('SESSION_NOT_FOUND');
    // The token has done its work; nobody is to find it in a backup.
    await tx
      .updateTable('sessions')
      .set({ ended_at: ctx.clock(), ended: end, id_token: null })
      .where('id', '=', id)
      .execute();
    await record(tx, ctx, {
      action: 'session.end',
      target: { kind: 'session', id },
      tenantId: found.tenant_id ?? found.key_tenant_id,
      after: { end, method: found.method },
    });
    await emit(tx, { type: 'session.ended', topics: ['sessions'], data: { session: id, end } });
    return found;
  });
  ctx.events.wake();
  return { session: toSession(row, undefined), idToken: row.id_token };
}

import type { SessionList } from '@tenantry/contract';
import type { Context } from '../../db/context.ts';
import { isAlive, selectSessions, toSession } from './rows.ts';

/** Enough for a page that shows all of them. */
const most = 500;

/** The sessions that can still be used, newest first; never a token or its hash. */
export async function listSessions(ctx: Context, current: string | undefined): Promise<SessionList> {
  const now = ctx.clock();
  const rows = await selectSessions(ctx.control.db)
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .orderBy('sessions.created_at', 'desc')
    .limit(most)
    .execute();
  return { items: rows.filter((row) => isAlive(row, now)).map((row) => toSession(row, current)) };
}

import { sql } from 'kysely';
import { rolePermissions, type Permission } from '@tenantry/contract';
import type { Database } from '../../db/database.ts';
import type { Caller } from '../authenticate.ts';
import { hashToken, sameHash } from '../token.ts';
import { actorOf, idleEnd, isAlive, roleOf, selectSessions, type SessionRecord } from './rows.ts';
import { csrfTokenOf, sessionIdOf } from './token.ts';

/** `last_seen_at` is as exact as this; a write per request would be the most expensive part of most requests. */
const lastSeenEverySeconds = 30;

/**
 * The caller that a cookie belongs to; undefined for one that is unknown, wrong, ended or expired, without a difference.
 * Being asked for keeps the session from idling out.
 */
export async function authenticateSession(
  db: Database,
  token: string,
  now: Date,
): Promise<Caller | undefined> {
  const id = sessionIdOf(token);
  if (id === undefined) return undefined;
  const row = await selectSessions(db).where('sessions.id', '=', id).executeTakeFirst();
  if (!row || !sameHash(row.token_hash, hashToken(token)) || !isAlive(row, now)) return undefined;
  // Short sessions are written down more often, or they would end under somebody's hands.
  const every = Math.min(lastSeenEverySeconds, row.idle_seconds / 4);
  if (now.getTime() - row.last_seen_at.getTime() < every * 1000) return callerOf(row, token);
  await sql`UPDATE tenantry.sessions SET last_seen_at = ${now} WHERE id = ${id} AND ended_at IS NULL`.execute(
    db,
  );
  return callerOf({ ...row, last_seen_at: now }, token);
}

/** Can the session still be used? Asked for streams, which do not count as using it. */
export async function isSessionAlive(db: Database, id: string, now: Date): Promise<boolean> {
  const row = await selectSessions(db).where('sessions.id', '=', id).executeTakeFirst();
  return row !== undefined && isAlive(row, now);
}

function callerOf(row: SessionRecord, token: string): Caller {
  const role = roleOf(row);
  const all: readonly Permission[] = rolePermissions[role];
  const scopes = row.key_scopes;
  const keyEnd = row.key_expires_at;
  return {
    actor: actorOf(row),
    role,
    permissions: scopes ? all.filter((permission) => scopes.includes(permission)) : all,
    onlyTenant: row.key_id === null ? row.tenant_id : row.key_tenant_id,
    expiresAt: keyEnd !== null && keyEnd < row.expires_at ? keyEnd : row.expires_at,
    session: {
      id: row.id,
      method: row.method,
      createdAt: row.created_at.toISOString(),
      idleExpiresAt: idleEnd(row).toISOString(),
      expiresAt: row.expires_at.toISOString(),
      csrfToken: csrfTokenOf(token),
    },
  };
}

import type { Selectable } from 'kysely';
import type { Role, Session } from '@tenantry/contract';
import type { Database, Tx } from '../../db/database.ts';
import type { ActorRecord, SessionRow } from '../../db/types.ts';

/** A session with what its key says now. */
export interface SessionRecord extends Selectable<SessionRow> {
  readonly key_name: string | null;
  readonly key_role: Role | null;
  readonly key_scopes: string[] | null;
  readonly key_tenant_id: string | null;
  readonly key_expires_at: Date | null;
  readonly key_revoked_at: Date | null;
}

export function selectSessions(db: Database | Tx) {
  return db
    .selectFrom('sessions')
    .leftJoin('api_keys', 'api_keys.id', 'sessions.key_id')
    .selectAll('sessions')
    .select([
      'api_keys.name as key_name',
      'api_keys.role as key_role',
      'api_keys.scopes as key_scopes',
      'api_keys.tenant_id as key_tenant_id',
      'api_keys.expires_at as key_expires_at',
      'api_keys.revoked_at as key_revoked_at',
    ]);
}

export function idleEnd(row: Pick<SessionRecord, 'last_seen_at' | 'idle_seconds'>): Date {
  return new Date(row.last_seen_at.getTime() + row.idle_seconds * 1000);
}

/** Neither ended nor expired, and its key still works. */
export function isAlive(row: SessionRecord, now: Date): boolean {
  const keyWorks =
    row.key_id === null ||
    (row.key_revoked_at === null && (row.key_expires_at === null || row.key_expires_at > now));
  return row.ended_at === null && row.expires_at > now && idleEnd(row) > now && keyWorks;
}

/** Who acts in a session: the key that it was made with, or the person whom the provider named. */
export function actorOf(row: SessionRecord): ActorRecord {
  return row.key_id === null
    ? { kind: 'user', id: row.user_id ?? '', name: row.user_name ?? '' }
    : { kind: 'apiKey', id: row.key_id, name: row.key_name ?? '' };
}

export function roleOf(row: SessionRecord): Role {
  const role = row.key_role ?? row.role;
  // The table's own check has one of the two.
  if (role === null) throw new Error(`The session ${row.id} has no role`);
  return role;
}

export function toSession(row: SessionRecord, current: string | undefined): Session {
  return {
    id: row.id,
    method: row.method,
    actor: actorOf(row),
    role: roleOf(row),
    tenantId: row.key_id === null ? row.tenant_id : row.key_tenant_id,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    idleExpiresAt: idleEnd(row).toISOString(),
    expiresAt: row.expires_at.toISOString(),
    sourceIp: row.source_ip,
    userAgent: row.user_agent,
    current: row.id === current,
  };
}

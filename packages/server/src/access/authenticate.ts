import { sql, type Selectable } from 'kysely';
import { rolePermissions, type Me, type Permission, type Role } from '@tenantry/contract';
import type { Database } from '../db/database.ts';
import type { ActorRecord, ApiKeyRow } from '../db/types.ts';
import { hashToken, keyIdOf, sameHash } from './token.ts';

/** Who a request is from and what it may do. */
export interface Caller {
  readonly actor: ActorRecord;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  readonly onlyTenant: string | null;
  /** When the key or the session stops working by itself. */
  readonly expiresAt: Date | null;
  /** Set for a browser that is signed in. */
  readonly session: Me['session'];
}

/** `last_used_at` is as exact as this; a write per request would be the most expensive part of most requests. */
const lastUsedEverySeconds = 60;

/** The caller that a token belongs to; undefined for one that is unknown, wrong, expired or revoked, without a difference. */
export async function authenticate(db: Database, token: string, now: Date): Promise<Caller | undefined> {
  const id = keyIdOf(token);
  if (id === undefined) return undefined;
  const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row || !sameHash(row.token_hash, hashToken(token)) || !isUsable(row, now)) return undefined;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > lastUsedEverySeconds * 1000) {
    await sql`UPDATE tenantry.api_keys SET last_used_at = ${now} WHERE id = ${id}`.execute(db);
  }
  return callerOf(row);
}

/** The caller that a key stands for, without its token: for those who have proved otherwise that they may use it. */
export async function callerOfKey(db: Database, id: string, now: Date): Promise<Caller | undefined> {
  const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return row && isUsable(row, now) ? callerOf(row) : undefined;
}

function isUsable(row: Selectable<ApiKeyRow>, now: Date): boolean {
  return row.revoked_at === null && (row.expires_at === null || row.expires_at > now);
}

function callerOf(row: Selectable<ApiKeyRow>): Caller {
  const all: readonly Permission[] = rolePermissions[row.role];
  const permissions = row.scopes ? all.filter((permission) => row.scopes?.includes(permission)) : all;
  return {
    actor: { kind: 'apiKey', id: row.id, name: row.name },
    role: row.role,
    permissions,
    onlyTenant: row.tenant_id,
    expiresAt: row.expires_at,
    session: null,
  };
}

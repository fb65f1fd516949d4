import type { Selectable } from 'kysely';
import type { ApiKey, Permission } from '@tenantry/contract';
import type { ApiKeyRow } from '../db/types.ts';

export function toApiKey(row: Selectable<ApiKeyRow>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    scopes: row.scopes as Permission[] | null,
    tenantId: row.tenant_id,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}

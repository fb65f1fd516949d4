import { sql } from 'kysely';
import type { AuditEvent } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { toAuditEvent, type AuditRow } from './rows.ts';

/** One audit event by its id. Throws AUDIT_EVENT_NOT_FOUND. */
export async function getAuditEvent(ctx: Context, id: string): Promise<AuditEvent> {
  const { rows } = await sql<AuditRow>`SELECT e.* FROM tenantry_audit.events e WHERE e.id = ${id}`.execute(
    ctx.control.db,
  );
  if (!rows[0]) throw new TenantryError('AUDIT_EVENT_NOT_FOUND');
  return toAuditEvent(rows[0]);
}

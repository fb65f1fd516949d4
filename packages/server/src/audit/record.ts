import { sql } from 'kysely';
import type { AuditOutcome } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';

export interface AuditEntry {
  /** noun.verb, as tenant.suspend. */
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  readonly tenantId?: string | null;
  readonly outcome?: AuditOutcome;
  /** The target as it was and as it is now; never a secret. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string | null | undefined;
}

/**
 * Appends to the audit trail in the transaction of the change: if this fails, the change is rolled back with it.
 *
 * Writers wait for each other from here to their commit, because every row carries the hash of the one before. So this
 * comes after the change, and only `emit` comes later.
 */
export async function record(tx: Tx, ctx: Context, entry: AuditEntry): Promise<void> {
  const id = `a_${randomBase32(16)}`;
  const outcome = entry.outcome ?? 'success';
  const event = { id, action: entry.action, outcome, target: entry.target };
  // Append and event in one round trip: both locks are held from here on.
  await sql`
    SELECT tenantry.emit('audit.recorded', ARRAY['audit'], NULL, ${JSON.stringify(event)}::jsonb || jsonb_build_object('seq', a.seq))
      FROM tenantry_audit.append(
        ${id}, ${ctx.actor.kind}, ${ctx.actor.id}, ${ctx.actor.name}, ${entry.action}, ${outcome},
        ${entry.target.kind}, ${entry.target.id}, ${entry.tenantId ?? null},
        ${json(entry.before)}::json, ${json(entry.after)}::json,
        ${entry.reason ?? null}, ${ctx.requestId}, ${ctx.sourceIp}
      ) AS a (seq)`.execute(tx);
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

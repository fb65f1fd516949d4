import { sql, type RawBuilder } from 'kysely';
import type { AuditOutcome } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { emitCall, type EventInput } from '../db/emit.ts';

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
  await recordAll(tx, ctx, [entry], []);
}

/**
 * The same for several entries, and for the events that tell about them: one round trip, so that whoever waits for the
 * chain waits for one statement and the commit. With two of them apart, four requests at once took a third longer.
 */
export async function recordAll(
  tx: Tx,
  ctx: Context,
  entries: readonly AuditEntry[],
  events: readonly EventInput[],
): Promise<void> {
  const calls = [...entries.map((entry) => appendCall(ctx, entry)), ...events.map(emitCall)];
  await sql`SELECT ${sql.join(calls)}`.execute(tx);
}

function appendCall(ctx: Context, entry: AuditEntry): RawBuilder<unknown> {
  const id = `a_${randomBase32(16)}`;
  const { action, target, outcome = 'success' } = entry;
  const event = JSON.stringify({ id, action, outcome, target });
  return sql`tenantry.emit('audit.recorded', ARRAY['audit'], NULL, ${event}::jsonb || jsonb_build_object('seq',
    tenantry_audit.append(
      ${id}, ${ctx.actor.kind}, ${ctx.actor.id}, ${ctx.actor.name}, ${action}, ${outcome},
      ${target.kind}, ${target.id}, ${entry.tenantId ?? null},
      ${json(entry.before)}::json, ${json(entry.after)}::json,
      ${entry.reason ?? null}, ${ctx.requestId}, ${ctx.sourceIp})))`;
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

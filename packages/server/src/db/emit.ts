import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { ControlTables } from './types.ts';

export interface EventInput {
  /** noun.verb, as operation.step. */
  readonly type: string;
  readonly topics: readonly string[];
  /** The tenant that may see it besides the roles that see everything. */
  readonly tenantId?: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Adds events to the stream, in the transaction of the change that they tell about and in this order. Writers of events
 * are ordered from here to their commit, so call it last, with all of them.
 */
export async function emit(tx: Kysely<ControlTables>, ...events: readonly EventInput[]): Promise<void> {
  if (events.length === 0) return;
  await sql`SELECT ${sql.join(events.map(emitCall))}`.execute(tx);
}

/** The expression that adds one event, for a statement that does more. */
export function emitCall({ type, topics, tenantId, data }: EventInput): RawBuilder<unknown> {
  return sql`tenantry.emit(${type}, ${topics}::text[], ${tenantId ?? null}, ${JSON.stringify(data)}::jsonb)`;
}

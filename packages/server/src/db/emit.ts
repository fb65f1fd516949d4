import { sql, type Kysely } from 'kysely';
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
  const calls = events.map(
    ({ type, topics, tenantId, data }) =>
      sql`tenantry.emit(${type}, ${topics}::text[], ${tenantId ?? null}, ${JSON.stringify(data)}::jsonb)`,
  );
  await sql`SELECT ${sql.join(calls)}`.execute(tx);
}

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
 * Adds an event to the stream, in the transaction of the change that it tells about. Writers of events are ordered from
 * here to their commit, so call it last.
 */
export async function emit(tx: Kysely<ControlTables>, event: EventInput): Promise<void> {
  await sql`SELECT tenantry.emit(${event.type}, ${event.topics}::text[], ${event.tenantId ?? null}, ${JSON.stringify(event.data)}::jsonb)`.execute(
    tx,
  );
}

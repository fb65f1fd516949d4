import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** Rows of one statement: a large table is not locked up by its own clean-up. */
const batch = 10_000;

/** Removes what was refused longer ago than `retention` seconds, and the numbers of reports that nobody sends again. */
export async function forgetSecurityEvents(db: Database, retention: number): Promise<void> {
  for (;;) {
    const { numAffectedRows } = await sql`
      DELETE FROM tenantry.security_events WHERE id IN (
        SELECT id FROM tenantry.security_events
         WHERE minute < now() - make_interval(secs => ${retention}) LIMIT ${batch})`.execute(db);
    if ((numAffectedRows ?? 0n) < BigInt(batch)) break;
  }
  await sql`DELETE FROM tenantry.security_reports WHERE at < now() - interval '2 days'`.execute(db);
}

import type { Logger } from 'pino';
import { isTenantId } from '@tenantry/tenancy';
import type { Database } from '../db/database.ts';
import type { LoggedRefusal } from '../db/embedded/index.ts';
import type { SecurityRecorder } from './recorder.ts';
import { keyOf, sum, type Refusal } from './refusal.ts';

export interface LoggedParts {
  readonly db: Database;
  readonly log: Logger;
  readonly recorder: SecurityRecorder;
}

/** Refusals of one reading of the log that differ; the others are left out, which the log itself has. */
const mostDifferent = 1_000;

/**
 * Takes in what the log of the embedded PostgreSQL tells. A login that is a tenant's, or its owner's, is counted with the tenant; one
 * that several share, as a slot, with none: whose statement it was, the lane in the application knows.
 *
 * What a tenant is refused before it is active is Tenantry's own probe of it, and what a spare or a canary is refused is
 * verification: nobody's application can log in as these.
 */
export function recordLogged(parts: LoggedParts, refusals: readonly LoggedRefusal[]): void {
  void take(parts, refusals).catch((err: unknown) => {
    parts.log.warn({ err }, 'Refusals in the log of PostgreSQL could not be recorded');
  });
}

async function take({ db, recorder }: LoggedParts, logged: readonly LoggedRefusal[]): Promise<void> {
  const ids = new Set(logged.map(({ role }) => tenantOf(role)).filter((id) => id !== null));
  const tenants =
    ids.size === 0
      ? []
      : await db
          .selectFrom('tenants')
          .select(['id', 'cell_id', 'activated_at'])
          .where('id', 'in', [...ids])
          .execute();
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const cell = await db.selectFrom('cells').select('id').where('is_default', '=', true).executeTakeFirst();
  const merged = new Map<string, Refusal>();
  for (const { kind, at, sqlState, role } of logged) {
    const id = tenantOf(role);
    const tenant = id === null ? undefined : byId.get(id);
    const activatedAt = tenant?.activated_at ?? undefined;
    if (id !== null && (activatedAt === undefined || at < activatedAt)) continue;
    const refusal: Refusal = {
      kind,
      tenantId: id,
      cell: cell?.id ?? null,
      lane: null,
      sqlState,
      fingerprint: null,
      count: 1,
      firstAt: at,
      lastAt: at,
    };
    const key = keyOf(refusal, 'log');
    const before = merged.get(key);
    if (before === undefined && merged.size >= mostDifferent) continue;
    merged.set(key, before ? sum(before, refusal) : refusal);
  }
  if (merged.size > 0) await recorder.record('log', [...merged.values()]);
}

function tenantOf(role: string | null): string | null {
  const id = role?.replace(/_owner$/, '') ?? '';
  return isTenantId(id) ? id : null;
}

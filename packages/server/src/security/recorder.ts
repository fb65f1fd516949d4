import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { SecurityEventSource } from '@tenantry/contract';
import type { Database } from '../db/database.ts';
import { SecurityAnnouncer } from './announcer.ts';
import { SecurityCounters } from './counters.ts';
import { keyOf, knownSqlStates, sum, type Refusal } from './refusal.ts';

/** Rows of one tenant in one minute that have fingerprints of their own. */
const mostOfTenant = 100;
/** What is reported later than this is counted at this age; what is ahead of our clock, as of now. */
const oldestMs = 24 * 3_600_000;

export interface RecorderOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly wake: () => void;
}

/** Takes in what was refused: keeps it, counts it, and tells watchers and the log. One of them in a process. */
export class SecurityRecorder {
  readonly counters = new SecurityCounters();
  readonly #options: RecorderOptions;
  readonly #announcer: SecurityAnnouncer;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#announcer = new SecurityAnnouncer(options);
  }

  /**
   * Takes in refusals that one source saw. With a `report`, which may be sent twice, they count once; gives whether they
   * did now.
   */
  async record(source: SecurityEventSource, given: readonly Refusal[], report?: string): Promise<boolean> {
    const cells = await this.#cellNames(given);
    const refusals = await this.#known(given, cells);
    const isNew = await this.#options.db.transaction().execute(async (tx) => {
      if (report !== undefined) {
        const { rows } = await sql`
          INSERT INTO tenantry.security_reports (id) VALUES (${report}) ON CONFLICT DO NOTHING RETURNING id`.execute(
          tx,
        );
        if (rows.length === 0) return false;
      }
      if (refusals.length === 0) return true;
      await sql`SELECT tenantry.record_security_events(${source}, ${JSON.stringify(refusals)}::jsonb, ${mostOfTenant})`.execute(
        tx,
      );
      return true;
    });
    if (!isNew) return false;
    for (const refusal of refusals) this.counters.add(refusal, source);
    // Stored by id, told by name.
    this.#announcer.add(
      refusals.map((refusal) => named(refusal, cells)),
      source,
    );
    return true;
  }

  stop(): Promise<void> {
    return this.#announcer.stop();
  }

  /** Without what nobody knows: whoever reports could make up tenants, cells and states without end. */
  async #known(given: readonly Refusal[], cells: ReadonlyMap<string, string>): Promise<readonly Refusal[]> {
    const tenants = await this.#tenantsOf(given);
    const now = this.#options.clock().getTime();
    const inTime = (at: Date) => new Date(Math.min(now, Math.max(now - oldestMs, at.getTime())));
    const merged = new Map<string, Refusal>();
    for (const each of given) {
      const refusal: Refusal = {
        ...each,
        tenantId: each.tenantId !== null && tenants.has(each.tenantId) ? each.tenantId : null,
        cell: each.cell !== null && cells.has(each.cell) ? each.cell : null,
        sqlState: each.sqlState !== null && knownSqlStates.has(each.sqlState) ? each.sqlState : null,
        firstAt: inTime(each.firstAt),
        lastAt: inTime(each.lastAt),
      };
      const key = `${keyOf(refusal, 'lane')} ${Math.floor(refusal.lastAt.getTime() / 60_000)}`;
      const before = merged.get(key);
      merged.set(key, before ? sum(before, refusal) : refusal);
    }
    return [...merged.values()];
  }

  async #tenantsOf(given: readonly Refusal[]): Promise<ReadonlySet<string>> {
    const ids = distinct(given.map(({ tenantId }) => tenantId));
    if (ids.length === 0) return new Set();
    const rows = await this.#options.db.selectFrom('tenants').select('id').where('id', 'in', ids).execute();
    return new Set(rows.map(({ id }) => id));
  }

  async #cellNames(given: readonly Refusal[]): Promise<ReadonlyMap<string, string>> {
    const ids = distinct(given.map(({ cell }) => cell));
    if (ids.length === 0) return new Map();
    const rows = await this.#options.db
      .selectFrom('cells')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map(({ id, name }) => [id, name]));
  }
}

function named(refusal: Refusal, cells: ReadonlyMap<string, string>): Refusal {
  return { ...refusal, cell: cells.get(refusal.cell ?? '') ?? null };
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { deriveCredential } from '../credential.ts';
import type { Placement } from '../directory/index.ts';
import { sqlStateOf, TenancyError } from '../errors.ts';
import { slotRole } from '../lease-sql.ts';
import type { Connection } from '../pool/connection.ts';
import { internalsOf } from '../pool/wire.ts';
import { Broker } from './broker.ts';
import { dial, type Dialling } from './dial.ts';
import type { Lane } from './lane.ts';
import { searchPathOf, startOptions } from './session.ts';

/** A slot that could not be had is not tried again for so long, by the SQLSTATE of its refusal. */
const notAgainForMs: Readonly<Record<string, number>> = {
  // Too many connections for the role: another process holds it.
  '53300': 2_000,
  // A tenant can change the password of the slot it is on, and so lock it. The others go on.
  '28P01': 60_000,
};

/** A tenant can also store a timeout on it that ends its sessions before they are asked anything; start-up options override it. */
const unending: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '25P03': { idle_in_transaction_session_timeout: '0' },
  // A setting of PostgreSQL 17 and newer: named only where it has ended a session.
  '25P04': { transaction_timeout: '0' },
  '57P05': { idle_session_timeout: '0' },
};

/** A slot that was closed and is still taken is most likely taken by our own backend, for so long. */
const ownForMs = 5_000;
/** PostgreSQL takes no longer time than this. */
const longestMs = 2 ** 31 - 1;
/** A socket that does not end is not waited for longer. */
const lateMs = 1_000;

/**
 * A connection logs in as a slot, which is a member of nothing; a broker makes the slot a member of one tenant at a time.
 *
 * A session-level SET ROLE is safe here and only here: a slot can become one tenant at most, and whatever fails leaves it
 * a member of nothing. `CONNECTION LIMIT 1` makes holding a slot exclusive among processes.
 */
export class LeasedLane implements Lane {
  readonly name = 'leased';
  readonly switch = (connection: Connection, placement: Placement): Promise<void> =>
    this.#switch(connection, placement);
  readonly #to: Dialling;
  readonly #credentialKey: Uint8Array;
  readonly #broker: Broker;
  /** Slots that are ours, until their backends are gone. */
  readonly #held = new Set<string>();
  /** When we last closed a slot whose backend may still be busy with what it ran. */
  readonly #closedAt = new Map<string, number>();
  readonly #notBefore = new Map<string, number>();
  /** Each pool starts somewhere else, so that they do not knock at the same doors. In a container every process is number 1. */
  readonly #start = randomInt(2 ** 31);

  constructor(to: Dialling, credentialKey: Uint8Array) {
    this.#to = to;
    this.#credentialKey = credentialKey;
    this.#broker = new Broker(to, credentialKey);
  }

  canOpen(): boolean {
    return this.#freeSlot() !== undefined;
  }

  async open(placement: Placement): Promise<Connection> {
    let refusal: unknown;
    // One that was ours a moment ago may be another's by now: it is not knocked at again before all others.
    const tried = new Set<string>();
    for (let slot = this.#freeSlot(); slot !== undefined; slot = this.#freeSlot(tried)) {
      tried.add(slot);
      this.#held.add(slot);
      let connection: Connection;
      try {
        connection = await this.#login(slot);
      } catch (error) {
        this.#held.delete(slot);
        const notAgainFor = this.#notAgainFor(slot, error);
        if (notAgainFor === undefined) throw error;
        this.#notBefore.set(slot, performance.now() + notAgainFor);
        refusal = error;
        continue;
      }
      try {
        await this.#broker.clear(slot, connection);
        await this.#switch(connection, placement);
        return connection;
      } catch (error) {
        connection.close('broken');
        this.#held.delete(slot);
        throw error;
      }
    }
    throw new TenancyError(
      'TENANCY_ACQUIRE_TIMEOUT',
      'Every slot of the cell is held by other processes. Give the cell more slots, or let it use sealed connections.',
      { cause: refusal },
    );
  }

  clean(connection: Connection, placement: Placement): void {
    become(connection, placement);
  }

  onClosed(connection: Connection): void {
    const { slot, tenant, client } = connection;
    if (slot === undefined) return;
    this.#closedAt.set(slot, performance.now());
    // Its backend counts until it is gone.
    const free = (): boolean => this.#held.delete(slot);
    const late = setTimeout(free, lateMs).unref();
    client.once('end', () => {
      clearTimeout(late);
      free();
    });
    // Best effort: whoever holds the slot next takes away what is left, before anything else.
    if (tenant !== undefined)
      this.#broker.change({ slot, from: tenant, to: undefined, by: connection }).catch(() => {});
  }

  close(): Promise<void> {
    return this.#broker.close();
  }

  /** First the lease is committed; what the slot does then goes in one message with the tenant's first statement. */
  async #switch(connection: Connection, placement: Placement): Promise<void> {
    const from = connection.tenant;
    connection.tenant = undefined;
    await this.#broker.change({ slot: connection.slot!, from, to: placement.tenant, by: connection });
    connection.tenant = placement.tenant;
    connection.visited.add(placement.tenant);
    become(connection, placement);
  }

  /**
   * What a tenant has stored on its slot with `ALTER ROLE CURRENT_USER SET` would be every later tenant's: the slot takes it
   * away from itself, and logs in again.
   */
  async #login(slot: string): Promise<Connection> {
    const { connection, isSpoiled } = await this.#dial(slot).catch((error: unknown) => {
      const options = unending[sqlStateOf(error) ?? ''];
      if (options === undefined) throw error;
      return this.#dial(slot, options);
    });
    if (!isSpoiled) return connection;
    try {
      await connection.ask('ALTER ROLE CURRENT_USER RESET ALL');
      await connection.ask(
        `ALTER ROLE CURRENT_USER IN DATABASE ${pg.escapeIdentifier(this.#to.cell.database)} RESET ALL`,
      );
    } finally {
      this.#closedAt.set(slot, performance.now());
      await ended(connection);
    }
    const again = await this.#dial(slot);
    if (!again.isSpoiled) return again.connection;
    again.connection.close('in doubt');
    throw new TenancyError(
      'TENANCY_ACQUIRE_TIMEOUT',
      'Settings are stored on a slot again and again. Try again.',
    );
  }

  async #dial(
    slot: string,
    options: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly connection: Connection; readonly isSpoiled: boolean }> {
    const connection = await dial(this.#to, {
      lane: 'leased',
      slot,
      user: slot,
      password: deriveCredential(this.#credentialKey, slot, 1),
      // A slot that holds nothing finds nothing. Settings of a tenant's login do not come with SET ROLE; this one is for
      // statements whose client has gone, hence a second more than a client waits.
      options: startOptions({
        search_path: 'pg_catalog',
        statement_timeout: String(Math.min(longestMs, this.#to.settings.queryTimeout + 1_000)),
        ...options,
      }),
    });
    return { connection, isSpoiled: await hasStored(connection) };
  }

  #notAgainFor(slot: string, error: unknown): number | undefined {
    const state = sqlStateOf(error) ?? '';
    const isOurs = performance.now() - (this.#closedAt.get(slot) ?? Number.NEGATIVE_INFINITY) < ownForMs;
    return state === '53300' && isOurs ? 20 : notAgainForMs[state];
  }

  #freeSlot(but?: ReadonlySet<string>): string | undefined {
    const { slots } = this.#to.cell;
    const now = performance.now();
    for (let i = 0; i < slots; i++) {
      const slot = slotRole(((i + this.#start) % slots) + 1);
      if (this.#held.has(slot) || but?.has(slot)) continue;
      if ((this.#notBefore.get(slot) ?? 0) <= now) return slot;
    }
    return undefined;
  }
}

/**
 * True where something is stored on the slot's login that is not the cell's.
 *
 * And refuses a pooler, which gives one session to several clients: what one of them becomes, all are, and
 * `CONNECTION LIMIT 1` counts the pooler and not them. It is known by the process id that it tells, which is none of PostgreSQL's.
 */
async function hasStored(connection: Connection): Promise<boolean> {
  let session: { readonly pid: unknown; readonly stored: boolean };
  try {
    const { rows } = await connection.ask(
      `SELECT pg_backend_pid() AS pid,
              EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setrole = to_regrole(session_user)
                         AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))) AS stored`,
    );
    session = rows[0] as typeof session;
  } catch (error) {
    connection.close('broken');
    throw error;
  }
  if (session.pid === internalsOf(connection.client).processID) return session.stored;
  connection.close('in doubt');
  throw new TenancyError(
    'TENANCY_OPTION',
    'The lane "leased" needs sessions of its own, and a connection pooler stands before the cell. Give the cell the address ' +
      'of PostgreSQL itself, or allow it the lane "sealed" alone: tenantry cell update --lanes.',
  );
}

/** Closed, and its backend gone as far as the socket tells: the slot has room for one. */
async function ended(connection: Connection): Promise<void> {
  connection.close('in doubt');
  if (!connection.isDead)
    await once(connection.client, 'end', { signal: AbortSignal.timeout(lateMs) }).catch(() => {});
}

/**
 * Discards all that is left in the session and becomes the tenant: role and path in one statement, so that there is no moment
 * with the one and not the other. What is sent behind is refused where this is.
 */
function become(connection: Connection, { tenant, schema }: Placement): void {
  connection.discard({
    text: `SELECT set_config('role', $1, false), set_config('search_path', $2, false)`,
    values: [tenant, searchPathOf(schema)],
  });
}

import { randomInt } from 'node:crypto';
import pg from 'pg';
import { deriveCredential } from '../credential.ts';
import type { Placement } from '../directory/index.ts';
import { sqlStateOf, TenancyError } from '../errors.ts';
import { slotRole } from '../lease-sql.ts';
import type { Connection } from '../pool/connection.ts';
import { Broker } from './broker.ts';
import { dial, type Dialling } from './dial.ts';
import type { Lane } from './lane.ts';
import { refusePooler } from './pooler.ts';
import { pathAsTold, searchPathOf, startOptions } from './session.ts';

/** A slot that another pool holds is not tried again for so long. */
const notAgainForMs = 2_000;
/** A slot that was closed and is still taken is most likely taken by our own backend, which is tried again soon. */
const ownAgainForMs = 20;
/** And is that for so long. */
const ownForMs = 5_000;
/** Somebody has logged in as the slot since it was opened for us, has shut it from another database, or has changed its password there. */
const isTaken: ReadonlySet<string> = new Set(['53300', '28000', '28P01']);
/** What is in the way of one slot and of no other: a lock, a change of its role at the same moment. */
const passing: ReadonlySet<string> = new Set(['55P03', '40P01', 'XX000']);
/** PostgreSQL takes no longer time than this. */
const longestMs = 2 ** 31 - 1;
/** A socket that does not end is not waited for longer. */
const lateMs = 1_000;

/** The next slot is tried. */
class SlotTaken extends Error {
  constructor(cause: unknown) {
    super('The slot is taken', { cause });
  }
}

/**
 * A connection logs in as a slot, which is a member of nothing; a broker makes the slot a member of one tenant at a time.
 *
 * A session-level SET ROLE is safe here and only here: a slot can become one tenant at most, and whatever fails leaves it
 * a member of nothing. Nobody can log in as a slot, but the pool that the broker has opened it for, at that moment, and
 * `CONNECTION LIMIT 1` lets one in.
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
        if (!(error instanceof SlotTaken)) throw error;
        refusal = error.cause ?? refusal;
        this.#notBefore.set(slot, performance.now() + this.#notAgainFor(slot));
        continue;
      }
      try {
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
    void connection.discard(...becoming(placement));
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
    // Best effort: whoever opens the slot next takes away what is left, before anything else.
    if (tenant !== undefined)
      this.#broker.change({ slot, from: tenant, to: undefined, by: connection }).catch(() => {});
  }

  close(): Promise<void> {
    return this.#broker.close();
  }

  /** The slot is the tenant's then, and the session with the tenant's first statement: see {@link Connection.enterWithNext}. */
  async #switch(connection: Connection, placement: Placement): Promise<void> {
    const { tenant: from, slot } = connection;
    connection.tenant = undefined;
    await this.#broker.change({ slot: slot!, from, to: placement.tenant, by: connection });
    connection.tenant = placement.tenant;
    connection.visited.add(placement.tenant);
    connection.enterWithNext({
      become: becoming(placement),
      path: pathAsTold(placement.schema),
      wasAnothers: from !== undefined,
    });
  }

  /** Rejects with SlotTaken where the slot is another's: it was not opened for us, or somebody was there first. */
  async #login(slot: string): Promise<Connection> {
    const isOpen = await this.#broker.open(slot).catch((error: unknown) => {
      throw passing.has(sqlStateOf(error) ?? '') ? new SlotTaken(error) : error;
    });
    if (!isOpen) throw new SlotTaken(undefined);
    const [dialled] = await Promise.allSettled([this.#dial(slot)]);
    // Whatever came of it, nobody else logs in here. A slot that is not shut is leased nothing.
    const isOurs = await this.#broker.shut(slot).catch(() => false);
    if (dialled.status === 'rejected') {
      const { reason } = dialled;
      throw !isOurs || isTaken.has(sqlStateOf(reason) ?? '') ? new SlotTaken(reason) : reason;
    }
    if (isOurs) return dialled.value;
    dialled.value.close('in doubt');
    throw new SlotTaken(undefined);
  }

  async #dial(slot: string): Promise<Connection> {
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
        ...this.#broker.options,
      }),
    });
    await refusePooler(connection);
    return connection;
  }

  #notAgainFor(slot: string): number {
    const closedAt = this.#closedAt.get(slot) ?? Number.NEGATIVE_INFINITY;
    return performance.now() - closedAt < ownForMs ? ownAgainForMs : notAgainForMs;
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

/** Role and path up to one Sync, and so in one transaction: there is no moment with the one and not the other. */
function becoming({ tenant, schema }: Placement): readonly string[] {
  return [`SET ROLE ${pg.escapeIdentifier(tenant)}`, `SET search_path = ${searchPathOf(schema)}`];
}

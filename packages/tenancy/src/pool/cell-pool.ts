import type { LaneChoice } from '../lanes/choice.ts';
import type { Placement } from '../directory/index.ts';
import type { TenantId } from '../tenant-id.ts';
import { classify, type PostgresRefusal } from '../security/classify.ts';
import { fingerprintOf } from '../security/fingerprint.ts';
import type { Connection, SentStatement } from './connection.ts';
import { drop, Inventory } from './inventory.ts';
import { answersWithin, retirementOf } from './life.ts';
import type { CloseReason, PoolEvent, PoolStatus } from './metrics.ts';
import { Opener, type OpenerPool } from './opener.ts';
import type { PoolSettings } from './options.ts';
import { closed, refuse, timedOut } from './refusals.ts';
import type { Settle, TenantQuery } from './tenant-query.ts';
import type { Statement, TenantLine, Waiter } from './tenant-line.ts';
import { Turns } from './turns.ts';

/** A statement is not sent behind one that has taken longer already. */
const notBehindMs = 5;
/** Tenants with statements this quick may send several at once while others wait. */
const quickMs = 5;
export interface CellPoolOptions {
  readonly cellId: string;
  readonly choice: LaneChoice;
  readonly settings: PoolSettings;
  /** Where a tenant is now, past any cache that a refused login has shown to be stale. */
  readonly refresh: (tenant: TenantId) => Promise<Placement | undefined>;
}

/**
 * The connections to one cell: one budget for all tenants. A connection that its tenant has left is given to whoever waits
 * for that tenant; else to the tenant whose turn it is.
 */
export class CellPool implements OpenerPool {
  readonly cellId: string;
  readonly settings: PoolSettings;
  readonly inventory: Inventory;
  readonly opener: Opener;
  readonly #turns: Turns;
  #suspended = false;
  #retiring = false;
  #closing = false;
  #drained: (() => void) | undefined;

  constructor({ cellId, choice, settings, refresh }: CellPoolOptions) {
    this.cellId = cellId;
    this.settings = settings;
    this.#turns = new Turns(
      settings,
      (line, waiter) => this.#late(line, waiter),
      () => this.dispatch(),
    );
    this.inventory = new Inventory(settings.maximumPoolSize);
    this.opener = new Opener({ pool: this, inventory: this.inventory, choice, refresh });
  }

  /** Runs one statement that needs no transaction around it. */
  run(placement: Placement, query: TenantQuery, settle: Settle): void {
    const now = performance.now();
    const line = this.inventory.lineOf(placement, now);
    if (line.waiting.length === 0 && this.isOpen) {
      const idle = this.#takeIdle(line, now);
      if (idle !== undefined) return this.#share(line, idle, { query, settle }, now);
      if (query.isPlain) {
        const busy = line.leastLoaded(this.settings.maximumPipeline, now, notBehindMs);
        if (busy !== undefined && !this.#turns.isOver(line, now, busy.lane, busy.turnSince)) {
          busy.send(query, settle);
          if (busy.underWay > 2) this.opener.grow(line, now);
          return;
        }
      }
    }
    const { connectionTimeout } = this.settings;
    this.#wait(line, {
      kind: 'statement',
      query,
      settle,
      since: now,
      deadline: now + connectionTimeout,
    });
  }

  /** A connection of the tenant for one caller alone. Rejects with TENANCY_ACQUIRE_TIMEOUT and the like. */
  hold(placement: Placement): Promise<Connection> {
    const now = performance.now();
    const line = this.inventory.lineOf(placement, now);
    if (line.waiting.length === 0 && this.isOpen) {
      const idle = this.#takeIdle(line, now);
      if (idle !== undefined) {
        this.inventory.use(idle, 'held', now);
        this.emit({ type: 'acquired', cell: this.cellId, tenant: line.tenant, waitedMs: 0 });
        return Promise.resolve(idle);
      }
    }
    const { connectionTimeout } = this.settings;
    return new Promise((resolve, reject) => {
      this.#wait(line, { kind: 'hold', resolve, reject, since: now, deadline: now + connectionTimeout });
    });
  }

  /** Gives a held connection back; with a reason it is closed instead. */
  release(connection: Connection, reason?: CloseReason): void {
    if (connection.use !== 'held') return;
    if (reason !== undefined) connection.doom(reason);
    // A cursor that was not closed is never quiet.
    else if (connection.isCustom) connection.doom('in doubt');
    if (connection.doomed !== undefined) return this.remove(connection, connection.doomed);
    this.inventory.use(connection, 'shared');
    // Otherwise what is under way tells when it is quiet.
    if (connection.underWay === 0) this.onQuiet(connection);
  }

  onQuiet(connection: Connection): void {
    if (connection.use !== 'shared') return;
    const now = performance.now();
    const line = this.inventory.ownerOf(connection)!;
    drop(line.shared, connection);
    if (connection.status !== 'I') connection.doom('in doubt');
    const reason = connection.doomed ?? retirementOf(connection, line, this, now);
    if (reason !== undefined) return this.remove(connection, reason);
    if (connection.dirty) return this.#clean(connection, line, now);
    this.#handOver(connection, line, now);
  }

  onDoomed(connection: Connection): void {
    const { use, isDead } = connection;
    if (use === 'idle') this.remove(connection, connection.doomed!);
    // It answers nothing more. Callers hear of it first.
    else if (isDead && use === 'shared') setImmediate(() => this.remove(connection, connection.doomed!));
  }

  onRefused({ tenant, lane }: Connection, sqlState: string | undefined): void {
    this.emit({ type: 'lane-refused', cell: this.cellId, tenant, lane, sqlState });
  }

  onStatementRefused(connection: Connection, said: PostgresRefusal, statement: SentStatement): void {
    const { lane, tenant, searchPath } = connection;
    const schema = this.inventory.ownerOf(connection)?.placement.schema ?? '';
    // Without a code it was refused before it was sent.
    const kind = said.code === undefined ? 'guard' : classify(said, { ...statement, schema, searchPath });
    if (kind === undefined) return;
    const fingerprint = statement.text === '' ? undefined : fingerprintOf(statement.text);
    this.emit({
      type: 'statement-refused',
      cell: this.cellId,
      tenant,
      lane,
      kind,
      sqlState: said.code,
      fingerprint,
    });
  }

  onNotRun(connection: Connection, query: TenantQuery, settle: Settle): void {
    const line = this.inventory.ownerOf(connection);
    if (line === undefined) return settle(closed());
    this.run(line.placement, query, settle);
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    this.dispatch();
  }

  /**
   * Serves who waits, and who still comes, but keeps no connection that nobody uses. `onDrained` is called when there is none
   * left and nobody waits, not before the work that is asked for in this turn of the event loop.
   */
  retire(onDrained: () => void): void {
    this.#retiring = true;
    this.#drained = onDrained;
    for (const connection of this.inventory.all)
      if (connection.use === 'idle') this.remove(connection, 'closed', true);
    setImmediate(() => this.dispatch());
  }

  /** Lets what is under way end, for so long, then closes all. No new work is taken. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    this.#turns.refuseEverybody(closed());
    for (const connection of this.inventory.all)
      if (connection.use === 'idle') this.remove(connection, 'closed');
    if (this.inventory.all.size + this.inventory.opening > 0) {
      const drained = new Promise<void>((resolve) => (this.#drained = resolve));
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
      await Promise.race([drained, deadline]);
      clearTimeout(timer);
      for (const connection of this.inventory.all) this.remove(connection, 'closed');
    }
    await this.opener.close();
  }

  status(): PoolStatus {
    return this.inventory.status(this.cellId, this.#turns.callers);
  }

  emit(event: PoolEvent): void {
    this.settings.metrics(event);
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  /** Callers are served. */
  get isOpen(): boolean {
    return !this.#suspended && !this.#closing;
  }

  get #isDrained(): boolean {
    const { all, opening } = this.inventory;
    return all.size + opening + this.#turns.size === 0;
  }

  /** An idle connection of the tenant that can be used at once; one that was idle for long is pinged first, apart. */
  #takeIdle(line: TenantLine, now: number): Connection | undefined {
    const connection = line.idle.at(-1);
    if (connection === undefined) return undefined;
    this.inventory.leaveIdle(connection, line);
    if (now - connection.quietSince <= this.settings.aliveBypassWindow) return connection;
    this.inventory.use(connection, 'starting', now);
    void this.validate(connection, line);
    return undefined;
  }

  /** Pings a connection that is in nobody's use, and puts it back where it answers in time. */
  async validate(connection: Connection, line: TenantLine): Promise<void> {
    line.opening += 1;
    const answered = await answersWithin(connection, this.settings.validationTimeout);
    line.opening -= 1;
    if (answered) this.#handOver(connection, line, performance.now());
    else this.remove(connection, 'broken');
  }

  #clean(connection: Connection, line: TenantLine, now: number): void {
    this.opener.choice.get(connection.lane).clean(connection, line.placement);
    this.#handOver(connection, line, now);
  }

  /** Gives a quiet, clean connection to who waits for its tenant, or makes it idle. */
  #handOver(connection: Connection, line: TenantLine, now: number): void {
    if (connection.doomed !== undefined) return this.remove(connection, connection.doomed);
    if (this.#closing) return this.remove(connection, 'closed');
    if (
      line.waiting.length > 0 &&
      !this.#suspended &&
      !this.#turns.isOver(line, now, connection.lane, connection.turnSince)
    )
      return this.#serve(line, connection, now);
    // It is not to lie about with what another has left.
    void connection.enter();
    if (connection.underWay > 0) {
      // It is still becoming its tenant's. It takes statements meanwhile, but is nobody else's before that is answered.
      this.inventory.use(connection, 'shared', now);
      line.shared.push(connection);
      return;
    }
    this.inventory.enterIdle(connection, line, now);
    this.dispatch(connection);
    if (this.#retiring && connection.use === 'idle') this.remove(connection, 'closed');
  }

  #serve(line: TenantLine, connection: Connection, now: number): void {
    const waiter = this.#turns.shift(line);
    this.emit({ type: 'acquired', cell: this.cellId, tenant: line.tenant, waitedMs: now - waiter.since });
    if (waiter.kind === 'hold') {
      this.inventory.use(connection, 'held', now);
      waiter.resolve(connection);
      return;
    }
    this.#share(line, connection, waiter, now);
    if (!waiter.query.isPlain || (this.#turns.size > 1 && connection.pace > quickMs)) return;
    // Whoever waits for the same tenant goes along, which is what makes a change of tenant worth it.
    for (
      let next = line.waiting[0];
      next?.kind === 'statement' && next.query.isPlain;
      next = line.waiting[0]
    ) {
      if (connection.underWay >= this.settings.maximumPipeline) return;
      this.#turns.shift(line);
      connection.send(next.query, next.settle);
    }
  }

  #share(line: TenantLine, connection: Connection, { query, settle }: Statement, now: number): void {
    this.inventory.use(connection, 'shared', now);
    // Nothing goes behind a statement that may leave something in the session.
    if (query.isPlain) line.shared.push(connection);
    connection.send(query, settle);
  }

  #wait(line: TenantLine, waiter: Waiter): void {
    if (this.#closing) return refuse(waiter, closed());
    this.#turns.push(line, waiter);
    this.dispatch();
  }

  /** Serves whoever waits, as far as there are connections; `free` is one that has just come free. */
  dispatch(free?: Connection): void {
    if (this.#isDrained) this.#drained?.();
    if (this.#turns.size === 0 || !this.isOpen || this.opener.isPausing) return;
    const now = performance.now();
    for (const line of this.#turns.inTurn(free)) {
      while (line.waiting.length > 0) {
        const outcome = this.#place(line, now);
        if (outcome === 'nothing free' && this.inventory.isExhausted) return;
        if (outcome !== 'served' || this.#turns.size > 1) break;
      }
    }
  }

  #place(line: TenantLine, now: number): 'served' | 'not now' | 'nothing free' {
    const own = line.idle.length > 0 ? this.#takeIdle(line, now) : undefined;
    if (own !== undefined) {
      this.#serve(line, own, now);
      return 'served';
    }
    // What is being made for it already is as much as it can use.
    if (line.opening >= line.waiting.length) return 'not now';
    if (line.connections >= this.settings.maximumPerTenant) return 'not now';
    if (line.notBefore > now) return 'not now';
    return this.opener.obtain(line, now) ? 'served' : 'nothing free';
  }

  /** It was made for this tenant: somebody who waits for it gets it, whoever else waits. */
  ready(connection: Connection, line: TenantLine): void {
    const now = performance.now();
    connection.turnSince = now;
    if (connection.doomed === undefined && line.waiting.length > 0 && this.isOpen)
      return this.#serve(line, connection, now);
    this.#handOver(connection, line, now);
  }

  refuseAll(line: TenantLine, error: unknown): void {
    this.#turns.refuse(line, error);
  }

  /** Closes a connection and forgets it; then, unless `quietly`, whoever waits may have its place. */
  remove(connection: Connection, reason: CloseReason, quietly = false): void {
    const line = this.inventory.ownerOf(connection);
    const isKnown = this.inventory.remove(connection);
    connection.owner = undefined;
    connection.close(reason);
    if (!isKnown) return;
    this.opener.choice.get(connection.lane).onClosed(connection);
    this.emit({ type: 'closed', cell: this.cellId, lane: connection.lane, reason });
    if (quietly) return;
    // Its tenant has earned a sealed one in its place.
    if (reason === 'makes room' && line !== undefined && !this.#retiring)
      void this.opener.open(line, this.opener.choice.get('sealed'));
    this.dispatch();
  }

  #late(line: TenantLine, waiter: Waiter): void {
    this.emit({ type: 'acquire-timeout', cell: this.cellId, tenant: line.tenant });
    refuse(waiter, timedOut(this, line, { suspended: this.#suspended, cause: this.opener.lastFailure }));
  }
}

import pg from 'pg';
import { sqlStateOf, TenancyError } from '../errors.ts';
import type { LaneName } from '../lanes/lane.ts';
import { telling, type PostgresRefusal, type RefusedStatement } from '../security/classify.ts';
import type { TenantId } from '../tenant-id.ts';
import { changesSession, endsConnection } from './judgement.ts';
import { lineageOf, type Lineage } from './lineage.ts';
import { connectionLost, laneRefused, queryTimedOut } from './losses.ts';
import type { CloseReason } from './metrics.ts';
import { TenantQuery, type Settle } from './tenant-query.ts';
import { Watchdog } from './watchdog.ts';
import { internalsOf, pipelined, sendCancel, type Wire } from './wire.ts';

export interface ConnectionConfig {
  readonly lane: LaneName;
  readonly client: pg.ClientConfig;
  readonly connectTimeout: number;
  readonly queryTimeout: number;
  /** The slot whose login it is, on the leased lane. */
  readonly slot?: string | undefined;
  /** It runs no statement of an application, so that several in one message do no harm. */
  readonly ownStatementsOnly?: boolean | undefined;
  /** Learn which server it is, to tell a primary from one that was. */
  readonly asksLineage?: boolean | undefined;
}

/**
 * What the pool does with a connection: it becomes a tenant's or is cleaned, lies idle, serves statements of its tenant that
 * need no transaction, or is held by one caller.
 */
export type Use = 'starting' | 'idle' | 'shared' | 'held';

/** What a connection tells the pool that holds it. */
export interface ConnectionOwner {
  /** Nothing is under way on it any more. */
  onQuiet(connection: Connection): void;
  /** It is of no use any more, and may be closed already. */
  onDoomed(connection: Connection): void;
  /** It could not become its tenant's; what was sent behind that is refused. */
  onRefused(connection: Connection, sqlState: string | undefined): void;
  /** What an earlier tenant has left could not be removed: the statement was not run, and another connection is to run it. */
  onNotRun(connection: Connection, query: TenantQuery, settle: Settle): void;
  /** PostgreSQL, or the connection itself, has refused a statement of its tenant. */
  onStatementRefused(connection: Connection, said: PostgresRefusal, statement: SentStatement): void;
}

/** A statement as it was sent, for whoever judges why it was refused. */
export type SentStatement = Pick<RefusedStatement, 'text' | 'isAssertion' | 'isCopy'>;

const discardAll = 'DISCARD ALL';

/** How long what is already sent may take after a cancel, before the socket is cut. */
const graceAfterCancel = 500;

/**
 * What a slot hears that a function in a query has taken its tenant's role from: it may neither use nor see the schema. An
 * ordinary mistake gets the same answers, and costs the next caller no more than becoming the tenant anew.
 */
const mayHaveLeft: ReadonlySet<string> = new Set(['42501', '42P01', '42883', '42704', '3F000', '22P02']);

/** One connection to PostgreSQL with what is known about its session. It serves one tenant at a time. */
export class Connection {
  readonly lane: LaneName;
  readonly slot: string | undefined;
  readonly client: pg.Client;
  readonly createdAt = performance.now();
  /** Whose it is now; a sealed one never changes it, a slot has none between two leases. */
  tenant: TenantId | undefined;
  /** Tenants it has served: a backend never gives back what it has cached of them. */
  readonly visited = new Set<TenantId>();
  /** Something may be left in the session that `DISCARD ALL` has to remove before the next use. */
  dirty = false;
  doomed: CloseReason | undefined;
  /** Nothing will be answered on it any more. */
  isDead = false;
  owner: ConnectionOwner | undefined;
  /** Hears of notices, notifications and the loss of the connection, while somebody holds it. */
  listener: ((event: 'notice' | 'notification' | 'error', payload: unknown) => void) | undefined;
  use: Use = 'starting';
  /** Since when it serves its tenant without having been free for others. */
  turnSince = performance.now();
  /** Since when it is in that use. */
  usedSince = performance.now();
  /** It is closed when it is next quiet: it has reached its age, or its tenant's placement has changed. */
  retireFor: CloseReason | undefined;
  /** At this age it is closed. */
  lifetime = Number.POSITIVE_INFINITY;
  quietSince = performance.now();
  /** The server said, at the start or since, that it is a standby. */
  isStandby = false;
  /** Of the primary that it is to, where that was asked for and is told. */
  lineage: Lineage | undefined;
  /** The search path of the session, where the server tells it: from PostgreSQL 18 on. */
  searchPath: string | undefined;
  /** How long a statement takes on it, smoothed; in milliseconds. */
  pace = 0;
  /** I: idle, T: in a transaction, E: in a failed one; as of the last answer. */
  status = 'I';
  readonly #queryTimeout: number;
  readonly #wire: Wire;
  /** Sent and not answered, oldest first; undefined for what brings its own protocol, like a cursor. */
  readonly #underWay: (Pending | undefined)[] = [];
  /** What waits for an answer to all that is under way. */
  readonly #later: Later[] = [];
  readonly #watchdog: Watchdog;
  /** What brings its own protocol, and is under way or was last. */
  #custom: unknown;
  /** What makes the session its tenant's and is not sent yet. */
  #entry: Entry | undefined;
  /** The same while it is under way. */
  #entering: Entry | undefined;
  #refusal: Error | undefined;
  #closed = false;

  private constructor(client: pg.Client, config: ConnectionConfig) {
    this.client = client;
    this.lane = config.lane;
    this.slot = config.slot;
    this.#queryTimeout = config.queryTimeout;
    this.#watchdog = new Watchdog(config.queryTimeout, () => this.#timeOut());
    this.#wire = internalsOf(client).connection;
    this.#wire.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName === 'in_hot_standby') this.isStandby = parameterValue === 'on';
      else if (parameterName !== 'search_path' || parameterValue !== this.#entering?.path) this.dirty = true;
      if (parameterName === 'search_path') this.searchPath = parameterValue;
    });
  }

  /** Logs in. Rejects with what PostgreSQL or the socket said. */
  static async open(config: ConnectionConfig): Promise<Connection> {
    const client = new pg.Client({
      ...config.client,
      ...pipelined,
      connectionTimeoutMillis: config.connectTimeout,
      keepAlive: true,
    });
    const connection = new Connection(client, config);
    client.on('notice', (notice) => connection.listener?.('notice', notice));
    client.on('notification', (message) => connection.listener?.('notification', message));
    client.on('error', (error) => {
      connection.#die();
      connection.listener?.('error', error);
    });
    client.on('end', () => connection.#die());
    await client.connect();
    if (config.asksLineage === true && !connection.isStandby)
      connection.lineage = await lineageOf(client, config.connectTimeout);
    if (config.ownStatementsOnly !== true) connection.#listen();
    return connection;
  }

  /** Statements that are sent and not answered, or are sent when those are. */
  get underWay(): number {
    return this.#underWay.length + this.#later.length;
  }

  /** When the statement that is answered next was sent, or the one before it answered. */
  get headSince(): number {
    return this.#underWay[0]?.since ?? Number.POSITIVE_INFINITY;
  }

  /** Something that brings its own protocol is not through, or not even sent. */
  get isCustom(): boolean {
    return this.#underWay.includes(undefined) || this.#later.some((each) => 'submittable' in each);
  }

  /** Sends a statement; `settle` is called once. Behind others if some are under way. */
  send(query: TenantQuery, settle: Settle): void {
    if (this.#later.length > 0 || this.#entering !== undefined)
      return void this.#later.push({ query, settle });
    if (this.doomed !== undefined) {
      queueMicrotask(() => settle(this.#lost()));
      return;
    }
    if (this.#entry !== undefined) {
      if (query.isPlain) return this.#enterWith(query, settle, this.#entry);
      void this.enter();
      return void this.#later.push({ query, settle });
    }
    this.#submit(query, settle);
  }

  #submit(query: TenantQuery, settle: Settle): void {
    const pending: Pending = { query, settle, since: 0, settled: false };
    query.settle = (error, result) => this.#settle(pending, error, result);
    query.unsent = () => this.#forget(pending);
    this.#push(pending);
    this.client.query(query);
  }

  /** The same as a promise, for the pool's own statements. */
  ask(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      this.send(new TenantQuery(text, values), (error, result) => (error ? reject(error) : resolve(result!)));
    });
  }

  /**
   * Sends something that speaks for itself, like a cursor of `pg-cursor`, when all before it is answered. It cannot be
   * pipelined, and neither can what comes behind it: the connection waits for every answer from then on.
   */
  sendCustom(submittable: pg.Submittable): void {
    void this.enter();
    if (this.#underWay.length > 0 || this.#later.length > 0) return void this.#later.push({ submittable });
    if (this.doomed !== undefined) {
      const { handleError } = submittable as { handleError?: (error: Error, connection: Wire) => void };
      // Not now, as the driver does: whoever asks has yet to listen, or to read.
      process.nextTick(() => handleError?.call(submittable, this.#lost(), this.#wire));
      return;
    }
    this.dirty = true;
    this.#custom = submittable;
    internalsOf(this.client).pipeline = false;
    this.#push(undefined);
    this.client.query(submittable);
  }

  /**
   * What makes the session its next tenant's goes with that tenant's first statement: in one message and, where the statement
   * leaves nothing in its session, up to the same Sync, after a `DISCARD ALL` where the session was another's. What fails there
   * keeps PostgreSQL from all that is behind it. Nothing else is sent before that is answered.
   */
  enterWithNext(entry: Entry): void {
    this.#entry = entry;
  }

  /**
   * Sends what {@link enterWithNext} has left for the next statement, by itself. Resolves with whether the session is its tenant's
   * then; at once where nothing was left.
   */
  enter(): Promise<boolean> {
    const entry = this.#entry;
    if (entry === undefined || this.doomed !== undefined) return Promise.resolve(this.doomed === undefined);
    this.#begin(entry);
    return new Promise((resolve) => this.#submit(...this.#change(statementsOf(entry), resolve)));
  }

  #enterWith(query: TenantQuery, settle: Settle, entry: Entry): void {
    this.#begin(entry);
    this.dirty = false;
    query.prefix = statementsOf(entry);
    this.#pipeline();
    this.#submit(query, (error, result) => {
      this.#entering = undefined;
      if (!error) return settle(error, result);
      const { hasWholePrefix: isWhole } = query;
      if (!query.isInPrefix || sqlStateOf(error) === undefined) {
        // It took role and path back with itself. What is behind it waits until they are there again.
        this.#entry = { ...entry, wasAnothers: true };
        void this.enter();
        return settle(error, result);
      }
      query.prefix = [];
      this.#later.unshift({ query, settle });
      this.#refuse(error, entry.wasAnothers && isWhole);
    });
  }

  #begin(entry: Entry): void {
    this.#entry = undefined;
    this.#entering = entry;
    this.#forgetNames();
  }

  /**
   * `DISCARD ALL` on a quiet connection and, up to the same Sync, what makes the session its tenant's, without waiting for
   * either: what is sent behind them in this turn of the event loop goes in the same packet, and is refused where they are. The
   * names of prepared statements are forgotten. Resolves with whether it went well.
   *
   * Not for a change of tenant. PostgreSQL takes back a `DISCARD ALL` that fails, as when a time limit of the tenant before cancels
   * it, and what stands behind the Sync runs as that tenant, whatever is made of the answer.
   */
  discard(...become: readonly string[]): Promise<boolean> {
    this.#forgetNames();
    // It commits at once wherever it stands first, so that what is behind it up to the Sync has a transaction of its own.
    return new Promise((resolve) => this.send(...this.#change([discardAll, ...become], resolve)));
  }

  #change(statements: readonly string[], resolve: (isTenants: boolean) => void): [TenantQuery, Settle] {
    this.#pipeline();
    const query = new TenantQuery(statements.at(-1)!, undefined);
    query.isOurs = true;
    query.prefix = statements.slice(0, -1);
    return [
      query,
      (error) => {
        this.dirty = false;
        const isAnothersFault = this.#entering?.wasAnothers === true && query.hasWholePrefix;
        this.#entering = undefined;
        if (error) this.#refuse(error, isAnothersFault);
        resolve(!error);
      },
    ];
  }

  /**
   * The first refusal is the reason for those after it. Where the tenant before is to blame it is not told as this one's, and what
   * waits is run elsewhere; but not for who holds the connection.
   */
  #refuse(error: Error, isAnothersFault: boolean): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    // Where the answer is lost nobody has refused anything.
    if (sqlStateOf(error) !== undefined && !isAnothersFault) this.owner?.onRefused(this, sqlStateOf(error));
    this.doom('in doubt');
    if (!isAnothersFault || this.use !== 'shared') return;
    for (const each of this.#later.splice(0))
      if ('query' in each && !each.query.isOurs && this.owner !== undefined)
        this.owner.onNotRun(this, each.query, each.settle);
      else this.#sendNow(each);
  }

  /** Of prepared statements. */
  #forgetNames(): void {
    this.#wire.parsedStatements = {};
    this.#wire.submittedNamedStatements = {};
  }

  /** What is sent in this turn of the event loop goes in one packet. */
  #pipeline(): void {
    const { stream } = this.#wire;
    stream.cork();
    process.nextTick(() => stream.uncork());
    internalsOf(this.client).pipeline = true;
  }

  /** Takes it out of use: what is under way may end, nothing new is sent. The first reason stays. */
  doom(reason: CloseReason): void {
    if (this.doomed !== undefined) return;
    this.doomed = reason;
    this.owner?.onDoomed(this);
  }

  #die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.doomed ??= 'broken';
    for (const pending of this.#underWay)
      if (pending?.failure !== undefined) this.#settle(pending, pending.failure);
    this.owner?.onDoomed(this);
    // The driver refuses what was sent in ticks before this; what waits behind that is refused when it is sent.
    setImmediate(() => {
      this.#underWay.length = 0;
      this.#sendLater();
    });
  }

  /** Closes it; gracefully where nothing is under way. Harmless when called again. */
  close(reason: CloseReason): void {
    this.doomed ??= reason;
    if (this.#closed) return;
    this.#closed = true;
    this.#watchdog.stop();
    if (this.#underWay.length > 0 || reason === 'not primary') {
      // The backend would otherwise run on, for nobody, and keep its slot or its tenant's limit taken.
      if (!this.isDead && this.#underWay.length > 0) sendCancel(this.client, 1_000);
      // Also where nothing is under way: a server that is frozen never takes its leave.
      this.#wire.stream.destroy();
    } else void this.client.end().catch(() => {});
  }

  #push(pending: Pending | undefined): void {
    this.#underWay.push(pending);
    if (this.#underWay.length > 1) return;
    this.#watch(pending);
  }

  /** What brings its own protocol is left to it: it may wait for its reader. */
  #watch(pending: Pending | undefined, now = performance.now()): void {
    if (pending === undefined) return this.#watchdog.stop();
    pending.since = now;
    this.#watchdog.watch();
  }

  #timeOut(): void {
    const head = this.#underWay[0];
    if (head === undefined || this.#closed) return;
    sendCancel(this.client, 1_000);
    this.doom('timeout');
    setTimeout(() => this.#wire.stream.destroy(), graceAfterCancel).unref();
    this.#settle(head, queryTimedOut(this.#queryTimeout));
  }

  #listen(): void {
    // What a tenant runs goes by the extended protocol alone: a text of several statements would be run otherwise.
    this.#wire.query = (text) => {
      this.owner?.onStatementRefused(this, { message: 'simple protocol' }, { text });
      this.doom('in doubt');
      this.#wire.stream.destroy();
    };
    this.dirty = false;
    this.#wire.on('errorMessage', (said) => this.#refused(said));
    this.#wire.on('commandComplete', ({ text }) => {
      // What goes with it while the session becomes its tenant's is no more than a look or a change of rows.
      if (!this.dirty && this.#entering === undefined && changesSession(text)) this.dirty = true;
    });
    this.#wire.on('readyForQuery', ({ status }) => {
      this.status = status;
      if (status === 'E') this.dirty = true;
      const now = performance.now();
      const answered = this.#underWay.shift();
      if (answered !== undefined) {
        this.pace += (now - answered.since - this.pace) / 8;
        if (answered.failure !== undefined) this.#settle(answered, answered.failure);
      }
      if (this.#underWay.length > 0) return this.#watch(this.#underWay[0], now);
      this.#answeredAll();
    });
  }

  /** At the answer itself, so that what brings its own protocol is seen, too. Nothing is done for a statement that succeeds. */
  #refused(said: PostgresRefusal): void {
    if (this.lane === 'leased' && mayHaveLeft.has(said.code ?? '')) this.dirty = true;
    // What follows a refused change of tenant is its consequence; and most mistakes are only that.
    if (this.#refusal !== undefined || this.owner === undefined || !telling.has(said.code ?? '')) return;
    const query = this.#underWay[0]?.query;
    if (query?.isOurs || (this.#entering !== undefined && query?.isInPrefix)) return;
    const text =
      query === undefined ? (this.#custom as { readonly text?: unknown } | undefined)?.text : query.text;
    this.owner.onStatementRefused(this, said, {
      text: typeof text === 'string' ? text : '',
      isAssertion: query !== undefined && query.isAssertion && query.isInPrefix,
      isCopy: query?.isCopy,
    });
  }

  #sendLater(): void {
    for (const each of this.#later.splice(0)) this.#sendNow(each);
  }

  #sendNow(each: Later): void {
    if ('query' in each) this.send(each.query, each.settle);
    else this.sendCustom(each.submittable);
  }

  /** All is answered: what waited for that is sent; where nothing did, or it was all refused, the connection is quiet. */
  #answeredAll(): void {
    this.#sendLater();
    if (this.#underWay.length > 0) return;
    this.quietSince = performance.now();
    this.owner?.onQuiet(this);
  }

  #forget(pending: Pending): void {
    const at = this.#underWay.indexOf(pending);
    if (at !== -1) this.#underWay.splice(at, 1);
    // Not now: whoever sends it has not heard of its failure yet.
    if (this.#underWay.length > 0) return;
    setImmediate(() => {
      if (this.#underWay.length === 0) this.#answeredAll();
    });
  }

  #settle(pending: Pending, error: Error | null | undefined, result?: pg.QueryResult): void {
    if (pending.settled) return;
    if (error && endsConnection(error)) this.doom('broken');
    // PostgreSQL's refusal comes before it is ready again: whoever hears of it now would find the connection busy still.
    if (error && !this.isDead && pending.failure === undefined && sqlStateOf(error) !== undefined) {
      pending.failure = error;
      return;
    }
    pending.settled = true;
    if (this.#refusal !== undefined && this.#refusal !== error) return pending.settle(this.#lost());
    if (
      error &&
      this.doomed !== undefined &&
      sqlStateOf(error) === undefined &&
      !(error instanceof TenancyError)
    )
      return pending.settle(this.#lost(error));
    pending.settle(error, result);
  }

  /** What whatever was to be run on it is told, once it is of no use any more. */
  get loss(): TenancyError {
    return this.#lost();
  }

  #lost(cause?: Error): TenancyError {
    return this.#refusal === undefined ? connectionLost(this.doomed, cause) : laneRefused(this.#refusal);
  }
}

/** What makes a session its tenant's. */
export interface Entry {
  /** Role and path. */
  readonly become: readonly string[];
  /** The path as PostgreSQL tells it. */
  readonly path: string;
  /** Something of another tenant's is to be discarded first. */
  readonly wasAnothers: boolean;
}

function statementsOf({ become, wasAnothers }: Entry): readonly string[] {
  return wasAnothers ? [discardAll, ...become] : become;
}

type Later = Pick<Pending, 'query' | 'settle'> | { readonly submittable: pg.Submittable };

interface Pending {
  readonly query: TenantQuery;
  readonly settle: Settle;
  since: number;
  settled: boolean;
  /** What PostgreSQL has refused it with, until it is ready again. */
  failure?: Error;
}

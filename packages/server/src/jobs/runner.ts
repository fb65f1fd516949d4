import { CompiledQuery, sql } from 'kysely';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { OperationKind } from '@tenantry/contract';
import type { Jobs } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import type { OperationRecord } from '../operations/rows.ts';
import { runOperation } from '../operations/run.ts';
import type { IsolationContext } from '../isolation/context.ts';
import { operationDefinitions } from '../isolation/definitions.ts';
import { maintainIsolation } from '../isolation/maintain.ts';
import { sweepCells } from '../isolation/sweep.ts';
import { sweepReaders } from '../readers/sweep.ts';
import { forgetSecurityEvents } from '../security/forget.ts';
import { mendCells } from '../tenants/mend-slots.ts';
import { sendPlacementNotices } from '../tenants/placement-notices.ts';
import { purgeDue } from '../tenants/purge.ts';
import { settleLogins } from '../tenants/settle.ts';
import { replenishSpares } from '../tenants/spares.ts';
import { Presence } from './presence.ts';
import { whileAway } from './while-away.ts';

const queues = {
  operation: 'operation',
  isolation: 'isolation',
  replenish: 'replenish',
  maintain: 'maintain',
} as const;

/** Verification has a worker of its own: it takes long, and nobody who provisions a tenant is to wait for it. */
function queueOf(kind: OperationKind | undefined): 'operation' | 'isolation' {
  return kind === 'isolation.run' ? queues.isolation : queues.operation;
}

/** What notifications miss (the retry of a failed job, a job of a dead process) is found by looking this often. */
const polling = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 } as const;

/** How long the event stream can be replayed. */
const eventRetentionHours = 24;

export interface JobRunnerOptions {
  readonly url: string;
  readonly log: Logger;
  /** Operations at the same time. */
  readonly concurrency: number;
  /** Spare schemas to keep on the default cell. */
  readonly warmPool: number;
  /** How long refused statements are kept, in seconds. */
  readonly securityRetention: number;
  /** The context of what runs without a request; `job` becomes the actor. */
  readonly contextFor: (job: string) => IsolationContext;
}

/**
 * The background work of a control plane. Payloads are ids; the truth is in the control schema, so a job that is
 * delivered twice does nothing the second time, and one that is lost is found again by `maintain`.
 */
export class JobRunner implements Jobs {
  readonly #options: JobRunnerOptions;
  readonly #boss: PgBoss;
  readonly #presence: Presence;
  readonly #stopping = new AbortController();
  /** Verification stops at once: whoever starts next begins the part again, and nobody waits for it. */
  readonly #verificationStopping = new AbortController();
  /** Workers of operations that have nothing to do. */
  readonly #idle = new Set<string>();
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#presence = new Presence(options.url);
    this.#boss = new PgBoss({
      connectionString: withoutWaiting(options.url),
      schema: 'pgboss',
      application_name: 'tenantry jobs',
      max: 3,
      useListenNotify: true,
      // A dead process is noticed by its missed heartbeats; looking often costs a query on a small table.
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
    });
    // An error of its connection carries the whole client along, which is hundreds of lines and none of the log's business.
    this.#boss.on('error', ({ name, message, stack, ...rest }) => {
      const err = { type: name, message, stack, code: (rest as { readonly code?: unknown }).code };
      options.log.warn({ err }, 'The job queue had trouble; it goes on by itself');
    });
  }

  /** Starts once, however often it is called. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /**
   * Lets running operations come to an end for a while, then leaves them to whoever starts next. Safe to call before
   * start, twice, and while starting.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async enqueueOperation(tx: Tx, operationId: string, attempt = 1, kind?: OperationKind): Promise<void> {
    await this.#boss.send(
      queueOf(kind),
      { operation: operationId },
      {
        singletonKey: keyOf(operationId, attempt),
        db: {
          executeSql: async (text: string, values?: unknown[]) => {
            const { rows } = await tx.executeQuery(CompiledQuery.raw(text, values ?? []));
            return { rows };
          },
        },
      },
    );
  }

  /**
   * By name and not through PostgreSQL's notification, which would wake every worker of every process for one job: their
   * fetches wait for each other, and took longer than the job's first step.
   */
  startSoon(): void {
    const [idle] = this.#idle;
    if (idle === undefined || this.#stopping.signal.aborted) return;
    this.#boss.notifyWorker(idle);
    // To the end of the row: the next operation, before this worker has got to its own, is another one's.
    this.#idle.delete(idle);
    this.#idle.add(idle);
  }

  replenishSoon(): void {
    if (this.#options.warmPool > 0) this.#askToReplenish();
  }

  /** Also without a warm pool: spares from the time when there was one are dropped. */
  #askToReplenish(): void {
    if (this.#stopping.signal.aborted) return;
    this.#boss.send(queues.replenish, {}, { singletonKey: 'default' }).catch((err: unknown) => {
      this.#options.log.warn({ err }, 'Spare schemas could not be asked for; the next maintenance does it');
    });
  }

  async #start(): Promise<void> {
    await this.#boss.start();
    const common = {
      heartbeatSeconds: 10,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 30,
      deleteAfterSeconds: 3600,
    };
    await this.#boss.createQueue(queues.operation, {
      ...common,
      policy: 'exclusive',
      retryLimit: 100,
      expireInSeconds: 6 * 3600,
    });
    await this.#boss.createQueue(queues.isolation, {
      ...common,
      policy: 'exclusive',
      retryLimit: 100,
      expireInSeconds: 6 * 3600,
      notify: true,
    });
    await this.#boss.createQueue(queues.replenish, {
      ...common,
      policy: 'stately',
      retryLimit: 0,
      notify: true,
    });
    await this.#boss.createQueue(queues.maintain, { ...common, policy: 'stately', retryLimit: 0 });
    await this.#resumeAbandoned();
    await settleLogins(this.#options.contextFor('maintenance'));
    await sweepReaders(this.#options.contextFor('maintenance'));
    await sweepCells(this.#options.contextFor('maintenance'));
    await this.#boss.schedule(queues.maintain, '* * * * *');
    for (let i = 0; i < this.#options.concurrency; i++) await this.#addOperationWorker();
    await this.#boss.work<{ operation: string }>(queues.isolation, polling, async ([job]) => {
      if (job) await this.#runOperation(job.data.operation, this.#verificationStopping.signal);
    });
    await this.#boss.work(queues.replenish, polling, () => this.#replenish());
    await this.#boss.work(queues.maintain, { pollingIntervalSeconds: 10 }, () =>
      this.#telling({}, 'The maintenance was cut off; the next is due in a minute', () => this.#maintain()),
    );
    await this.#requeueLost();
    this.#askToReplenish();
  }

  async #stop(graceMs: number): Promise<void> {
    this.#verificationStopping.abort();
    if (!this.#started) return;
    await this.#started.catch(() => {});
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    try {
      await this.#boss.stop({ graceful: true, timeout: graceMs + 5_000 });
    } finally {
      clearTimeout(timer);
      this.#stopping.abort();
      await this.#presence.stop();
    }
  }

  /**
   * After a job a worker would sleep its polling interval while others wait. So each worker, being one of its own to
   * pg-boss, asks itself for the next: a hundred operations at once on two workers take seconds instead of minutes.
   */
  async #addOperationWorker(): Promise<void> {
    const id: string = await this.#boss.work<{ operation: string }>(
      queues.operation,
      polling,
      async ([job]) => {
        if (!job) return;
        this.#idle.delete(id);
        await this.#runOperation(job.data.operation).finally(() => {
          this.#idle.add(id);
          this.#boss.notifyWorker(id);
        });
      },
    );
    this.#idle.add(id);
  }

  async #runOperation(id: string, signal: AbortSignal = this.#stopping.signal): Promise<void> {
    const ctx = this.#options.contextFor('operation');
    const run = () => runOperation(ctx, operationDefinitions, id, signal);
    const work = () => this.#presence.during(id, () => whileAway(signal, run));
    await this.#telling(
      { operation: id },
      'An operation was left unfinished; the queue tries it again',
      work,
    );
    this.replenishSoon();
  }

  /** The queue keeps to itself why a job has failed. Passes the error on: what becomes of the job is the queue's business. */
  async #telling(about: object, text: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      if (!this.#stopping.signal.aborted && !this.#verificationStopping.signal.aborted)
        this.#options.log.error({ err, ...about }, text);
      throw err;
    }
  }

  async #replenish(): Promise<void> {
    const ctx = this.#options.contextFor('warm-pool');
    const row = await ctx.control.db
      .selectFrom('cells')
      .select('id')
      .where('is_default', '=', true)
      .executeTakeFirst();
    if (!row) return;
    const cell = await ctx.cells.get(row.id);
    try {
      await this.#presence.during(queues.replenish, () =>
        replenishSpares(ctx, cell, this.#options.warmPool, this.#stopping.signal),
      );
    } catch (err) {
      // Tenants are built without spares meanwhile, and their operations say what is wrong with the migrations.
      if (!this.#stopping.signal.aborted) ctx.log.warn({ err }, 'The warm pool could not be filled');
    }
  }

  async #maintain(): Promise<void> {
    const ctx = this.#options.contextFor('maintenance');
    await settleLogins(ctx);
    await sweepReaders(ctx);
    await mendCells(ctx);
    await sendPlacementNotices(ctx);
    await purgeDue(ctx);
    await maintainIsolation(ctx);
    await this.#requeueLost();
    await forgetSecurityEvents(ctx.control.db, this.#options.securityRetention);
    await sql`DELETE FROM tenantry.events WHERE at < now() - make_interval(hours => ${eventRetentionHours})`.execute(
      ctx.control.db,
    );
    this.#askToReplenish();
  }

  /**
   * Takes the jobs of processes that are no more off the queue, before anything is worked on: they would be delivered
   * again only when their heartbeats have been missed, or when the pause after their last failure is over.
   */
  async #resumeAbandoned(): Promise<void> {
    const unfinished = await this.#unfinished();
    const jobs = await Promise.all([
      this.#boss.findJobs(queues.replenish, { limit: 100_000 }),
      ...unfinished.map(({ id, attempt, kind }) =>
        this.#boss.findJobs<{ operation?: string }>(queueOf(kind), { key: keyOf(id, attempt) }),
      ),
    ]);
    for (const { id, name, state, data } of jobs.flat()) {
      if (state !== 'active' && state !== 'retry') continue;
      const work = (data as { readonly operation?: string }).operation ?? name;
      if (await this.#presence.isAbandoned(work)) await this.#boss.deleteJob(name, id);
    }
  }

  /** Puts unfinished operations on the queue; one that is there already stays there once. */
  async #requeueLost(): Promise<void> {
    for (const { id, attempt, kind } of await this.#unfinished()) {
      await this.#boss.send(queueOf(kind), { operation: id }, { singletonKey: keyOf(id, attempt) });
    }
  }

  #unfinished(): Promise<Pick<OperationRecord, 'id' | 'attempt' | 'kind'>[]> {
    return this.#options
      .contextFor('maintenance')
      .control.db.selectFrom('operations')
      .select(['id', 'attempt', 'kind'])
      .where('finished_at', 'is', null)
      .execute();
  }
}

/** Of an attempt, not of the operation: the job of the attempt before may not be noted as done when a retry is asked for. */
function keyOf(operationId: string, attempt: number): string {
  return `${operationId} ${attempt}`;
}

/**
 * Its connections do not wait for the disk: a crash may forget that a job was fetched or done, and then it comes again and
 * does nothing. What puts a job into the queue goes over the connection of the change that needs it, which does wait.
 */
function withoutWaiting(url: string): string {
  const other = new URL(url);
  const given = other.searchParams.get('options');
  other.searchParams.set('options', `${given === null ? '' : `${given} `}-c synchronous_commit=off`);
  return other.href;
}

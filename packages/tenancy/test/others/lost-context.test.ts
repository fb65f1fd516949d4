import { EventEmitter } from 'node:events';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asc } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { Kysely, PostgresDialect } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tenantDrizzle } from '../../src/adapters/drizzle.ts';
import { tenantKysely } from '../../src/adapters/kysely.ts';
import { tenantScope, TenantRepository, type Queryable } from '../../src/patterns/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { codeOf } from '../support/open.ts';
import { createTenancy, type Tenancy } from '../support/tenancy.ts';
import { startNaive, type Naive } from './naive.ts';

/** "Context is lost in jobs, streams, timers and lazily executed queries." */
let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
let tenancy: Tenancy;
let naive: Naive;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 4 });
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  naive = await startNaive(cell);
  tenancy = createTenancy({
    directory: new TestDirectory(cell.placements()),
    credentialKey: cell.credentialKey,
    pool: { maximumPoolSize: 3 },
  });
});
afterAll(async () => {
  await tenancy?.close();
  await naive?.pool.end();
  await cell?.stop();
});
beforeEach(() => {
  naive.current = undefined;
});

const read = 'SELECT body FROM notes WHERE id = 1';
const bodyOf = ({ rows }: { readonly rows: readonly { readonly body?: string }[] }): string => rows[0]!.body!;
const ask = async (): Promise<string> => bodyOf(await tenancy.pool.query<{ body: string }>(read));
const naively = async (): Promise<string> => bodyOf(await naive.queryAsCurrent(read));

type Work = () => Promise<string>;

/** Something that is made once, in nobody's context, and does work that is given to it: what a request gives up its context to. */
interface Machine {
  /** Takes work without beginning it. */
  give(work: Work): void;
  /** Does what it has been given, and gives what it came to. */
  go(): Promise<string>;
}

function later<T>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}

const machines: Readonly<Record<string, () => Machine>> = {
  'a queue of jobs and its worker'() {
    const jobs: Work[] = [];
    const wake = later<void>();
    const worker = wake.promise.then(() => jobs.shift()!());
    return {
      give: (work) => void jobs.push(work),
      go() {
        wake.resolve();
        return worker;
      },
    };
  },
  'a timer that was started before'() {
    const jobs: Work[] = [];
    const done = later<string>();
    const timer = setInterval(() => {
      const job = jobs.shift();
      if (job === undefined) return;
      clearInterval(timer);
      job().then(done.resolve, done.reject);
    }, 1);
    done.promise.catch(() => {});
    return { give: (work) => void jobs.push(work), go: () => done.promise };
  },
  'a stream that was opened before'() {
    const done = later<string>();
    done.promise.catch(() => {});
    const source = new PassThrough({ objectMode: true });
    const sink = new Transform({
      objectMode: true,
      transform: (work: Work, _encoding, callback) => {
        work().then(done.resolve, done.reject);
        callback();
      },
    });
    const flowing = later<void>();
    // What reads it does so in its own time.
    const reading = flowing.promise.then(() => pipeline(source, sink.resume()));
    return {
      give: (work) => void source.write(work),
      async go() {
        flowing.resolve();
        const result = await done.promise;
        source.end();
        await reading;
        return result;
      },
    };
  },
  'a listener of an emitter'() {
    const emitter = new EventEmitter();
    const done = later<string>();
    done.promise.catch(() => {});
    return {
      give: (work) => void emitter.once('go', () => void work().then(done.resolve, done.reject)),
      go() {
        emitter.emit('go');
        return done.promise;
      },
    };
  },
};

describe.each(Object.entries(machines))('%s', (_name, make) => {
  test('work that was given to it by a tenant is nobody’s, and does not run', async () => {
    const machine = make();
    tenancy.run(a.id, () => machine.give(ask));
    expect(await codeOf(machine.go())).toBe('TENANT_CONTEXT_MISSING');
  });

  test('bound where it was given it is that tenant’s', async () => {
    const machine = make();
    tenancy.run(a.id, () => machine.give(tenancy.bind(ask)));
    expect(await machine.go()).toBe(a.canary);
  });

  test('as data it takes its tenant along', async () => {
    const machine = make();
    const job = JSON.stringify(tenancy.run(a.id, () => tenancy.capture()));
    machine.give(() => tenancy.restore(JSON.parse(job), ask));
    expect(await machine.go()).toBe(a.canary);
  });

  test('control: with a variable for the tenant it reads whoever came last', async () => {
    const machine = make();
    naive.current = a.id;
    machine.give(naively);
    naive.current = b.id;
    expect(await machine.go()).toBe(b.canary);
  });
});

describe('work of one tenant that is done in the context of another', () => {
  class Notes extends TenantRepository<Queryable> {
    async first(): Promise<string> {
      return bodyOf(await this.db.query<{ body: string }>(read));
    }
  }

  test.each(Object.entries(machines))(
    '%s: what the first has built is of no use there',
    async (_name, make) => {
      const machine = make();
      tenancy.run(a.id, () => {
        const notes = new Notes(tenantScope(tenancy, tenancy));
        machine.give(async () => tenancy.run(b.id, () => notes.first()));
      });
      expect(await codeOf(machine.go())).toBe('TENANT_CONTEXT_CONFLICT');
    },
  );

  test('a listener runs as whoever emits: a repository of its own refuses, a bound one keeps its tenant', async () => {
    const emitter = new EventEmitter();
    const answers: Promise<string>[] = [];
    tenancy.run(a.id, () => {
      const notes = new Notes(tenantScope(tenancy, tenancy));
      emitter.on('go', () => answers.push(notes.first()));
      emitter.on(
        'go',
        tenancy.bind(() => answers.push(notes.first())),
      );
    });
    tenancy.run(b.id, () => emitter.emit('go'));
    expect(await codeOf(answers[0]!)).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await answers[1]).toBe(a.canary);
  });

  test('a job that carries one tenant is not done inside the work of another', async () => {
    const job = tenancy.run(a.id, () => tenancy.capture());
    const inside = (): Promise<unknown> => tenancy.run(b.id, async () => tenancy.restore(job, ask));
    expect(await codeOf(inside())).toBe('TENANT_CONTEXT_CONFLICT');
  });

  test('a client that one tenant has taken is that tenant’s wherever it is used, and nobody’s when it was released', async () => {
    const client = await tenancy.run(a.id, () => tenancy.pool.connect());
    expect(bodyOf(await tenancy.run(b.id, () => client.query<{ body: string }>(read)))).toBe(a.canary);
    client.release();
    expect(await codeOf(tenancy.run(b.id, async () => client.query(read)))).toBe('TENANCY_CLOSED');
  });
});

// Of Prisma's queries the same is in the tests of its adapter: they belong to who has built them.
describe('a query that is built in one place and executed in another', () => {
  const notes = pgTable('notes', { id: integer().primaryKey(), body: text().notNull() });

  interface Database {
    readonly notes: { readonly id: number; readonly body: string };
  }

  /** Builds a query without sending it, by each library; what it gives sends it. */
  const builders: Readonly<Record<string, () => () => Promise<readonly { readonly body: string }[]>>> = {
    Kysely() {
      const query = tenantKysely<Database>(tenancy).selectFrom('notes').select('body').orderBy('id').limit(1);
      return () => query.execute();
    },
    'Kysely, compiled'() {
      const db = tenantKysely<Database>(tenancy);
      const query = db.selectFrom('notes').select('body').orderBy('id').limit(1).compile();
      return async () => (await db.executeQuery(query)).rows;
    },
    Drizzle() {
      const query = tenantDrizzle(tenancy)
        .select({ body: notes.body })
        .from(notes)
        .orderBy(asc(notes.id))
        .limit(1);
      return async () => query;
    },
    'Drizzle, prepared'() {
      const db = tenantDrizzle(tenancy);
      const query = db
        .select({ body: notes.body })
        .from(notes)
        .orderBy(asc(notes.id))
        .limit(1)
        .prepare('lazy');
      return () => query.execute();
    },
    pg() {
      const query = { name: 'lazy_pg', text: read };
      return async () => (await tenancy.pool.query<{ body: string }>(query)).rows;
    },
    'pg, a method that was taken off its pool'() {
      // What it is taken off for: libraries do so.
      // oxlint-disable-next-line typescript/unbound-method
      const { query } = tenancy.pool;
      return async () => (await query<{ body: string }>(read)).rows;
    },
  };

  test.each(Object.entries(builders))(
    '%s: nobody’s in no context, and the executor’s in another',
    async (_name, build) => {
      const execute = tenancy.run(a.id, () => build());
      const error: unknown = await execute().catch((caught: unknown) => caught);
      // Drizzle wraps what the driver says.
      expect(`${String(error)} ${String((error as Error).cause)}`).toContain('belongs to no tenant');
      expect((await tenancy.run(b.id, execute))[0]!.body).toBe(b.canary);
      expect((await tenancy.run(a.id, execute))[0]!.body).toBe(a.canary);
    },
  );

  test.each(Object.entries(builders))('%s: in as many places at once, each its own', async (_name, build) => {
    const execute = tenancy.run(a.id, () => build());
    const who = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b));
    const rows = await Promise.all(who.map(({ id }) => tenancy.run(id, execute)));
    expect(rows.map(([row]) => row!.body)).toEqual(who.map(({ canary }) => canary));
  });

  test('an asynchronous iterator is whose each step is', async () => {
    async function* pages(): AsyncGenerator<string> {
      for (;;) yield await ask();
    }
    const iterator = tenancy.run(a.id, () => pages());
    expect((await tenancy.run(a.id, () => iterator.next())).value).toBe(a.canary);
    expect(await codeOf(iterator.next())).toBe('TENANT_CONTEXT_MISSING');
  });

  test('control: with a variable for the tenant it reads whoever came last', async () => {
    const dialect = new PostgresDialect({
      pool: { connect: () => naive.connect(), end: async () => {}, options: {} },
    });
    const db = new Kysely<Database>({ dialect });
    naive.current = a.id;
    const query = db.selectFrom('notes').select('body').orderBy('id').limit(1);
    naive.current = b.id;
    expect(await query.execute()).toEqual([{ body: b.canary }]);
    naive.current = undefined;
    expect(await query.execute()).toEqual([{ body: 'of public' }]);
  });
});

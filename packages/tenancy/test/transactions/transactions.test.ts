import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTenancy,
  sqlStateOf,
  type Tenancy,
  type TenantId,
  type Transaction,
} from '../support/tenancy.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';

let cell: TestCell;
let t: TenantId;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 1 });
  t = cell.tenants[0]!.id;
});
afterAll(() => cell.stop());

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: { readonly code?: string }) => sqlStateOf(error) ?? error.code,
  );

describe.each(['sealed', 'leased'] as const)('lane %s', (lane) => {
  let tenancy: Tenancy;
  beforeAll(() => {
    tenancy = createTenancy({
      directory: new TestDirectory(cell.placements()),
      credentialKey: cell.credentialKey,
      lane,
      pool: { maximumPoolSize: 4, maximumPerTenant: 4 },
    });
  });
  afterAll(() => tenancy.close());
  const tx = <T>(fn: (transaction: Transaction) => Promise<T>, options = {}): Promise<T> =>
    tenancy.for(t).transaction(fn, options);
  const count = async (body: string): Promise<number> =>
    (await tenancy.for(t).query('SELECT count(*)::int AS n FROM notes WHERE body = $1', [body])).rows[0]!
      .n as number;
  const add = (body: string) => (on: Transaction) => on.query('INSERT INTO notes (body) VALUES ($1)', [body]);

  test('what it returns is committed, what it throws is rolled back', async () => {
    await tx(add(`${lane} kept`));
    await expect(
      tx(async (on) => {
        await add(`${lane} lost`)(on);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect([await count(`${lane} kept`), await count(`${lane} lost`)]).toEqual([1, 0]);
  });

  test('a first statement that cannot be sent leaves those after it in the transaction', async () => {
    const unsendable = {
      toPostgres() {
        throw new Error('its own');
      },
    };
    for (const values of [[unsendable], { x: 1 } as unknown as unknown[]]) {
      await expect(
        tx(async (on) => {
          await expect(on.query('SELECT $1::text', values)).rejects.toThrow(/its own|must be an array/);
          await add(`${lane} behind it`)(on);
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
    }
    expect(await count(`${lane} behind it`)).toBe(0);
  });

  test('the first statement is inside, with the isolation and mode that were asked for', async () => {
    const read = `SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS mode`;
    const options = { isolation: 'serializable', readOnly: true } as const;
    const rows = await tx(
      async (on) => [(await on.query(read)).rows[0], (await on.query(read)).rows[0]],
      options,
    );
    expect(rows).toEqual([
      { isolation: 'serializable', mode: 'on' },
      { isolation: 'serializable', mode: 'on' },
    ]);
  });

  test('where BEGIN fails the statement that goes with it is not run', async () => {
    const client = await tenancy.for(t).pool.connect();
    try {
      const { TenantQuery } = await import('../../src/pool/tenant-query.ts');
      const text = `INSERT INTO notes (body) VALUES ('${lane} outside')`;
      const query = new TenantQuery(text, undefined);
      query.prefix = ['BEGIN ISOLATION LEVEL nonsense'];
      const sent = new Promise((resolve, reject) => {
        (client as unknown as { send(q: unknown, text: string, settle: (e: unknown) => void): void }).send(
          query,
          text,
          (error) => (error ? reject(error) : resolve(0)),
        );
      });
      expect(await codeOf(sent)).toBe('42601');
    } finally {
      client.release();
    }
    expect(await count(`${lane} outside`)).toBe(0);
  });

  test('an error that was swallowed does not commit in silence', async () => {
    const outcome = codeOf(
      tx(async (on) => {
        await add(`${lane} swallowed`)(on);
        await on.query('SELECT 1/0').catch(() => {});
      }),
    );
    expect(await outcome).not.toBe('no error');
    expect(await count(`${lane} swallowed`)).toBe(0);
  });

  test('a savepoint undoes its part alone', async () => {
    await tx(async (on) => {
      await add(`${lane} outer`)(on);
      await on.savepoint((inner) => inner.query('SELECT 1/0')).catch(() => {});
      await on.savepoint(add(`${lane} inner`));
    });
    expect([await count(`${lane} outer`), await count(`${lane} inner`)]).toEqual([1, 1]);
  });

  test('it begins and ends by itself, and is over after its function', async () => {
    const boundaries = [
      'COMMIT',
      'ROLLBACK',
      'begin',
      ' end',
      'START TRANSACTION',
      'rollback and chain',
      ';COMMIT',
    ];
    for (const sql of [...boundaries, '/* job 7 */ COMMIT', '-- so far\nCOMMIT', '/**/;/***/ --\r\n COMMIT'])
      expect(await codeOf(tx((on) => on.query(sql))), sql).toBe('TENANCY_OPTION');
    let leaked!: Transaction;
    await tx(async (on) => void (leaked = on));
    expect(await codeOf(leaked.query('SELECT 1'))).toBe('TENANCY_CLOSED');
  });

  test('it may go back to a savepoint of its own', async () => {
    await tx(async (on) => {
      await on.query('SAVEPOINT mine');
      await add(`${lane} undone`)(on);
      await on.query('/* no */ ROLLBACK TRANSACTION TO SAVEPOINT mine');
      await add(`${lane} mine`)(on);
    });
    expect([await count(`${lane} undone`), await count(`${lane} mine`)]).toEqual([0, 1]);
  });

  test('two savepoints at once undo everything, and the error says what to do', async () => {
    const body = `${lane} at once`;
    const work = tx((on) => Promise.all([on.savepoint(add(body)), on.savepoint(add(body))]));
    await expect(work).rejects.toMatchObject({
      code: 'TENANCY_OPTION',
      message: expect.stringContaining('Await'),
    });
    expect(await count(body)).toBe(0);
  });

  test('two transactions that cannot be serialised are both through, when asked to try again', async () => {
    await tenancy
      .for(t)
      .query(`INSERT INTO notes (id, body) VALUES (1000, '0') ON CONFLICT (id) DO UPDATE SET body = '0'`);
    let met!: () => void;
    const meeting = new Promise<void>((resolve) => (met = resolve));
    let [arrived, runs] = [0, 0];
    const increment = () =>
      tx(
        async (on) => {
          runs += 1;
          const { rows } = await on.query<{ body: string }>('SELECT body FROM notes WHERE id = 1000');
          if ((arrived += 1) === 2) met();
          await meeting;
          await on.query('UPDATE notes SET body = $1 WHERE id = 1000', [String(Number(rows[0]!.body) + 1)]);
        },
        { isolation: 'serializable', retry: { attempts: 5 } },
      );
    await Promise.all([increment(), increment()]);
    expect((await tenancy.for(t).query('SELECT body FROM notes WHERE id = 1000')).rows).toEqual([
      { body: '2' },
    ]);
    expect(runs).toBeGreaterThan(2);
  });

  test('a key takes effect once, however often it is asked for, and gives the first result', async () => {
    const options = { idempotencyKey: `${lane} pay 1` };
    const pay = () =>
      tx(async (on) => {
        await add(`${lane} paid`)(on);
        return { receipt: Math.random() };
      }, options);
    const receipts = await Promise.all([pay(), pay(), pay()]);
    expect(new Set(receipts.map(({ receipt }) => receipt)).size).toBe(1);
    expect(await count(`${lane} paid`)).toBe(1);
  });

  test('a key that is none is refused before anything is done', async () => {
    const add1 = add(`${lane} keyless`);
    for (const idempotencyKey of ['', 'x'.repeat(256), null, 7])
      expect(await codeOf(tx(add1, { idempotencyKey })), String(idempotencyKey)).toBe('TENANCY_OPTION');
    expect(await count(`${lane} keyless`)).toBe(0);
    await tx(add1, { idempotencyKey: `${lane} ${'x'.repeat(248)}` });
    expect(await count(`${lane} keyless`)).toBe(1);
  });

  test('a connection that is lost in COMMIT leaves it unknown; with a key it is found out', async () => {
    // A deferred constraint trigger of the tenant's own table ends the backend in the middle of COMMIT.
    const die = async (on: Transaction) => {
      await add(`${lane} ambiguous`)(on);
      await on.query(`SELECT set_config('app.die', 'yes', true)`);
    };
    await cell.superuser.query(`
      CREATE OR REPLACE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$
      BEGIN
        IF current_setting('app.die', true) = 'yes' THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF;
        RETURN NULL;
      END $f$;
      GRANT EXECUTE ON FUNCTION public.die() TO PUBLIC;
      DROP TRIGGER IF EXISTS die ON ${t}.notes;
      CREATE CONSTRAINT TRIGGER die AFTER INSERT ON ${t}.notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.die()`);
    try {
      expect(await codeOf(tx(die))).toBe('TENANCY_COMMIT_UNKNOWN');
      let runs = 0;
      const once = tx(
        async (on) => {
          runs += 1;
          if (runs === 1) return die(on);
          await add(`${lane} ambiguous`)(on);
        },
        { idempotencyKey: `${lane} ambiguous` },
      );
      await once;
      expect(runs).toBe(2);
      expect(await count(`${lane} ambiguous`)).toBe(1);
    } finally {
      await cell.superuser.query(`DROP TRIGGER die ON ${t}.notes`);
    }
  });
});

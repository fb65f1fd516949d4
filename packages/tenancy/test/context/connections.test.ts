import { AsyncLocalStorage } from 'node:async_hooks';
import Cursor from 'pg-cursor';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { createTenancy, type Tenancy, type TenantId } from '../support/tenancy.ts';
import { startTestCell, type TestCell } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';

const who = 'SELECT current_user AS me';

let cell: TestCell;
let [a, b]: TenantId[] = [];
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 2 });
  [a, b] = cell.tenants.map(({ id }) => id);
});
afterAll(() => cell.stop());

/** Node calls what listens to a socket within the work that has opened it: here that of the first tenant. */
describe('a connection that another tenant’s work has opened', () => {
  const own = new AsyncLocalStorage<string>();
  const told: (TenantId | undefined)[] = [];
  let tenancy: Tenancy;
  beforeEach(async () => {
    told.length = 0;
    tenancy = createTenancy({
      directory: new TestDirectory(cell.placements()),
      credentialKey: cell.credentialKey,
      lane: 'leased',
      pool: { maximumPoolSize: 1, metrics: () => void told.push(tenancy.peek()) },
      onSecurityEvent: () => void told.push(tenancy.peek()),
    });
    await own.run('the first request', () => tenancy.run(a!, () => tenancy.query(who)));
  });
  afterEach(() => tenancy.close());

  /** Whose the work is there, by the context and by PostgreSQL. */
  const here = async (): Promise<unknown> => [tenancy.peek(), (await tenancy.query(who)).rows[0]!['me']];
  const asB = <T>(fn: () => Promise<T>): Promise<T> => tenancy.run(b!, fn);

  test('a callback of the pool is the work of who has given it', async () => {
    const seen = await asB(
      () =>
        new Promise((resolve, reject) => {
          tenancy.pool.query('SELECT 1', (error) => (error ? reject(error) : resolve(here())));
        }),
    );
    expect(seen).toEqual([b, b]);
  });

  test('also where it is given in the configuration, and where the statement fails', async () => {
    const seen = await asB(
      () =>
        new Promise((resolve) => {
          const config = { text: 'SELECT nothing', callback: () => resolve(here()) };
          void tenancy.pool.query(config as pg.QueryConfig);
        }),
    );
    expect(seen).toEqual([b, b]);
  });

  test('callbacks, listeners and cursors of a client are the work of who has taken it', async () => {
    const seen: unknown[] = [];
    const look = (): void => void seen.push(tenancy.peek(), own.getStore());
    await own.run('the second request', () =>
      asB(async () => {
        const client = await tenancy.pool.connect();
        client.on('notice', look);
        await new Promise<void>((resolve) => {
          client.query('SELECT 1', () => {
            look();
            resolve();
          });
        });
        await client.query("DO $$ BEGIN RAISE WARNING 'x'; END $$");
        const cursor = client.query(new Cursor('SELECT generate_series(1, 3)'));
        await new Promise<void>((resolve) => {
          cursor.read(2, () => {
            look();
            resolve();
          });
        });
        await cursor.close();
        const query = client.query(new pg.Query('SELECT 1'));
        await new Promise<void>((resolve) => {
          query.once('end', () => {
            look();
            resolve();
          });
        });
        client.release();
      }),
    );
    expect(seen).toEqual(Array.from({ length: 4 }, () => [b, 'the second request']).flat());
  });

  test('what cannot be bound, as a parser of a type, is nobody’s: not of who has opened the connection', async () => {
    const seen: unknown[] = [];
    const parser = (): number => seen.push(tenancy.peek(), own.getStore());
    const types = { getTypeParser: () => parser } as unknown as pg.CustomTypesConfig;
    await asB(() => tenancy.query({ text: 'SELECT 1', types }));
    expect(seen).toEqual([undefined, undefined]);
  });

  test('who hears of the pool and of refusals is nobody', async () => {
    const heard = Promise.withResolvers<TenantId | undefined>();
    tenancy.on('security', () => heard.resolve(tenancy.peek()));
    await asB(() => tenancy.query('SELECT * FROM tenantry.tenants').catch(() => {}));
    expect(await heard.promise).toBeUndefined();
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((tenant) => tenant !== undefined)).toEqual([]);
  });

  test('a pool tells of a client that comes back, as it tells of one that goes', async () => {
    const events: string[] = [];
    tenancy.pool.on('acquire', () => events.push('acquire'));
    tenancy.pool.on('release', () => events.push('release'));
    await asB(async () => (await tenancy.pool.connect()).release());
    expect(events).toEqual(['acquire', 'release']);
  });
});

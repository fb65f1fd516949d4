import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { staticDirectory } from '../../src/directory/index.ts';
import { createTenancy, type LaneName, type Tenancy } from '../../src/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';

export interface Row {
  readonly id: number;
  readonly body: string;
}

/** A data library as the suite drives it; every function is called in the context of a tenant, or of nobody. */
export interface Library {
  list(): Promise<readonly Row[]>;
  one(id: number): Promise<Row | null | undefined>;
  /** In a transaction: inserts the row, reads all rows, and throws where `fail` is set. */
  insertAndList(row: Row, fail?: Error): Promise<readonly Row[]>;
  /** Two statements that break a unique key, outside of a transaction. */
  insertTwice(row: Row): Promise<unknown>;
}

export interface DataParts {
  readonly cell: () => TestCell;
  readonly tenancy: () => Tenancy;
  readonly tenants: () => readonly [TestTenant, TestTenant];
  readonly library: () => Library;
}

/** What every adapter for a data library has to do, in each lane, against a real PostgreSQL. More tests go into `more`. */
export function dataSuite(
  name: string,
  open: (tenancy: Tenancy) => Library,
  more: (parts: DataParts) => void = () => {},
): void {
  describe.each<'auto' | LaneName>(['sealed', 'leased'])(`${name}, %s`, (lane) => {
    let cell: TestCell;
    let tenancy: Tenancy;
    let library: Library;
    let a: TestTenant;
    let b: TestTenant;

    beforeAll(async () => {
      cell = await startTestCell({ slots: 3 });
      [a, b] = cell.tenants as [TestTenant, TestTenant];
      const directory = staticDirectory(cell.placements());
      tenancy = createTenancy({
        directory,
        credentialKey: cell.credentialKey,
        lane,
        pool: { maximumPoolSize: 4 },
      });
      library = open(tenancy);
    });
    afterAll(async () => {
      await tenancy?.close();
      await cell?.stop();
    });

    test('a hundred queries of two tenants with the same ids at once: everybody gets his own', async () => {
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const tenant = i % 2 === 0 ? a : b;
          const id = ((i >> 1) % 5) + 1;
          const rows = await tenancy.run(tenant.id, async () => [
            ...(await library.list()),
            await library.one(id),
          ]);
          for (const row of rows) expect(row!.body).not.toContain(tenant === a ? b.id : a.id);
          expect(rows.at(-1)).toEqual({ id, body: tenant.canary });
        }),
      );
    });

    test('queries that are asked for in the same tick are not gathered across tenants', async () => {
      for (let round = 0; round < 10; round++) {
        const tenants = Array.from({ length: 8 }, (_, i) => ((i + round) % 2 === 0 ? a : b));
        const rows = await Promise.all(
          tenants.map(({ id }, i) => tenancy.run(id, async () => library.one((i % 2) + 1))),
        );
        expect(rows.map((row) => row?.body)).toEqual(tenants.map(({ canary }) => canary));
      }
    });

    test('transactions of two tenants commit, and roll back, side by side', async () => {
      const [ofA, ofB] = await Promise.all([
        tenancy.run(a.id, () => library.insertAndList({ id: 50, body: 'a' })),
        tenancy.run(b.id, () => library.insertAndList({ id: 50, body: 'b' })),
      ]);
      expect(ofA.find(({ id }) => id === 50)?.body).toBe('a');
      expect(ofB.find(({ id }) => id === 50)?.body).toBe('b');
      const failure = new Error('thought better of it');
      await expect(
        tenancy.run(a.id, () => library.insertAndList({ id: 51, body: 'a' }, failure)),
      ).rejects.toBe(failure);
      expect((await tenancy.run(a.id, async () => library.one(51))) ?? undefined).toBeUndefined();
    });

    test('an error of PostgreSQL leaves the tenant’s next query alone', async () => {
      await tenancy.run(a.id, async () => {
        await expect(library.insertTwice({ id: 60, body: 'a' })).rejects.toThrow();
        expect(await library.one(60)).toMatchObject({ id: 60 });
      });
    });

    test('without a tenant there is no query', async () => {
      // Some libraries wrap errors of the driver; what matters is that there is no row, and that the reason is in it.
      const attempts: (() => Promise<unknown>)[] = [
        () => library.list(),
        () => library.one(1),
        () => library.insertAndList({ id: 70, body: 'x' }),
      ];
      for (const attempt of attempts) {
        const error: unknown = await Promise.resolve()
          .then(attempt)
          .catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(Error);
        expect(`${String(error)} ${String((error as Error).cause)}`).toMatch(/belongs to no tenant/);
      }
    });

    test('context is carried through timers, and through what runs in parallel', async () => {
      await Promise.all(
        [a, b].map(({ id, canary }) =>
          tenancy.run(id, async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            const rows = await Promise.all([
              library.one(1),
              library.one(2),
              library.list().then(([first]) => first),
            ]);
            for (const row of rows) expect(row!.body).toBe(canary);
          }),
        ),
      );
    });

    more({ cell: () => cell, tenancy: () => tenancy, tenants: () => [a, b], library: () => library });
  });
}

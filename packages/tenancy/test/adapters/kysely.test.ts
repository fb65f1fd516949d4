import { sql, type Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { tenantKysely } from '../../src/adapters/kysely.ts';
import { dataSuite, type Library, type Row } from './data-suite.ts';

interface Database {
  notes: Row;
}

function libraryOf(db: Kysely<Database>): Library {
  return {
    list: () => db.selectFrom('notes').selectAll().orderBy('id').execute(),
    one: (id) => db.selectFrom('notes').selectAll().where('id', '=', id).executeTakeFirst(),
    insertAndList: (row, fail) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('notes').values(row).execute();
        if (fail) throw fail;
        return tx.selectFrom('notes').selectAll().execute();
      }),
    async insertTwice(row) {
      await db.insertInto('notes').values(row).execute();
      await db.insertInto('notes').values(row).execute();
    },
  };
}

dataSuite(
  'Kysely',
  (tenancy) => libraryOf(tenantKysely<Database>(tenancy)),
  ({ tenancy, tenants }) => {
    test('a query runs as whoever executes it, not as who has built it', async () => {
      const [a, b] = tenants();
      const db = tenantKysely<Database>(tenancy());
      const query = tenancy().run(a.id, () => db.selectFrom('notes').selectAll().where('id', '=', 1));
      expect((await tenancy().run(b.id, () => query.executeTakeFirstOrThrow())).body).toBe(b.canary);
      await expect(query.execute()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    });

    test('of one tenant’s door it is that tenant’s in every context', async () => {
      const [a, b] = tenants();
      const db = tenantKysely<Database>(tenancy().for(a.id));
      const first = (): Promise<Row> => db.selectFrom('notes').selectAll().executeTakeFirstOrThrow();
      expect((await first()).body).toBe(a.canary);
      expect((await tenancy().run(b.id, first)).body).toBe(a.canary);
    });

    test('destroyed, it leaves the connections to others', async () => {
      const [a] = tenants();
      const db = tenantKysely<Database>(tenancy());
      await tenancy().run(a.id, async () => {
        await db.selectFrom('notes').selectAll().execute();
        await db.destroy();
        expect((await tenancy().pool.query('SELECT 1')).rowCount).toBe(1);
      });
    });

    test('isolation levels, savepoints and raw SQL', async () => {
      const [a] = tenants();
      const db = tenantKysely<Database>(tenancy());
      await tenancy().run(a.id, async () => {
        const level = await db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((tx) =>
            sql<{ level: string }>`SELECT current_setting('transaction_isolation') AS level`.execute(tx),
          );
        expect(level.rows).toEqual([{ level: 'serializable' }]);
        const tx = await db.startTransaction().execute();
        const saved = await tx.savepoint('before').execute();
        await saved.insertInto('notes').values({ id: 90, body: 'x' }).execute();
        await saved.rollbackToSavepoint('before').execute();
        await tx.commit().execute();
        expect(await db.selectFrom('notes').selectAll().where('id', '=', 90).execute()).toEqual([]);
      });
    });
  },
);

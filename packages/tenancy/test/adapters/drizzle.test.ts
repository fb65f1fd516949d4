import { asc, eq, sql } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { tenantDrizzle } from '../../src/adapters/drizzle.ts';
import type { Tenancy } from '../../src/index.ts';
import { dataSuite, type Library } from './data-suite.ts';

const notes = pgTable('notes', { id: integer().primaryKey(), body: text().notNull() });
const schema = { notes };

function libraryOf(tenancy: Tenancy): Library {
  const db = tenantDrizzle(tenancy, { schema });
  return {
    list: async () => db.select().from(notes).orderBy(asc(notes.id)),
    one: async (id) => db.query.notes.findFirst({ where: eq(notes.id, id) }),
    insertAndList: (row, fail) =>
      db.transaction(async (tx) => {
        await tx.insert(notes).values(row);
        if (fail) throw fail;
        return tx.select().from(notes);
      }),
    async insertTwice(row) {
      await db.insert(notes).values(row);
      await db.insert(notes).values(row);
    },
  };
}

dataSuite('Drizzle', libraryOf, ({ tenancy, tenants }) => {
  test('a query runs as whoever awaits it, not as who has built it', async () => {
    const [a, b] = tenants();
    const db = tenantDrizzle(tenancy());
    const query = tenancy().run(a.id, () => ({ lazy: db.select().from(notes).where(eq(notes.id, 1)) }));
    const rows = await tenancy().run(b.id, async () => query.lazy);
    expect(rows).toEqual([{ id: 1, body: b.canary }]);
  });

  test('a cache, which would be everybody’s, is refused', () => {
    const config = { cache: {} } as Parameters<typeof tenantDrizzle>[1];
    expect(() => tenantDrizzle(tenancy(), config)).toThrow(
      expect.objectContaining({ code: 'TENANCY_OPTION' }) as Error,
    );
  });

  test('prepared statements, relational queries and transactions with a level', async () => {
    const [a, b] = tenants();
    const db = tenantDrizzle(tenancy(), { schema });
    const prepared = db
      .select()
      .from(notes)
      .where(eq(notes.id, sql.placeholder('id')))
      .prepare('one_note');
    for (let round = 0; round < 3; round++) {
      for (const tenant of [a, b]) {
        const rows = await tenancy().run(tenant.id, async () => prepared.execute({ id: 2 }));
        expect(rows).toEqual([{ id: 2, body: tenant.canary }]);
      }
    }
    const level = await tenancy().run(a.id, () =>
      db.transaction((tx) => tx.execute(sql`SELECT current_setting('transaction_isolation') AS level`), {
        isolationLevel: 'repeatable read',
      }),
    );
    expect(level.rows).toEqual([{ level: 'repeatable read' }]);
  });
});

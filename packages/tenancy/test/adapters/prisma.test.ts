import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantPrisma } from '../../src/adapters/prisma.ts';
import type { Tenancy } from '../../src/index.ts';
import { dataSuite, type Library } from './data-suite.ts';
import { generateClient, type Generated, type NotesClient } from './prisma-client.ts';

let generated: Generated;
beforeAll(async () => {
  generated = await generateClient();
});
afterAll(() => generated?.remove());

const prismaOf = (tenancy: Tenancy, maximumClients?: number): NotesClient =>
  tenantPrisma(tenancy, (adapter) => new generated.PrismaClient({ adapter }), { maximumClients });

function libraryOf(tenancy: Tenancy): Library {
  const prisma = prismaOf(tenancy);
  return {
    list: async () => prisma.note.findMany({ orderBy: { id: 'asc' } }),
    one: async (id) => prisma.note.findUnique({ where: { id } }),
    insertAndList: async (row, fail) =>
      prisma.$transaction(async (tx) => {
        await tx.note.create({ data: row });
        if (fail) throw fail;
        return tx.note.findMany();
      }),
    async insertTwice(data) {
      await prisma.note.create({ data });
      await prisma.note.create({ data });
    },
  };
}

dataSuite('Prisma', libraryOf, ({ tenancy, tenants }) => {
  test('batches of two tenants in the same tick each go to their own', async () => {
    const [a, b] = tenants();
    const prisma = prismaOf(tenancy());
    const results = await Promise.all(
      [a, b, a, b].map(({ id }) =>
        tenancy().run(id, async () =>
          prisma.$transaction([prisma.note.findUnique({ where: { id: 1 } }), prisma.note.findMany()]),
        ),
      ),
    );
    const bodies = results.map(([first]) => (first as { body: string }).body);
    expect(bodies).toEqual([a.canary, b.canary, a.canary, b.canary]);
  });

  test('one Prisma client for all tenants does mix them up, which is why there is one for each', async () => {
    const [a, b] = tenants();
    const one = new generated.PrismaClient({ adapter: new PrismaPg(tenancy().pool, { schema: a.id }) });
    await tenancy().run(a.id, async () => one.note.findUnique({ where: { id: 1 } }));
    const [, ofB] = await Promise.all(
      [a, b].map(({ id }) => tenancy().run(id, async () => one.note.findUnique({ where: { id: 2 } }))),
    );
    expect(ofB?.body).toBe(a.canary);
    await one.$disconnect();
  });

  test('a query belongs to the tenant that has built it, whoever awaits it', async () => {
    const [a, b] = tenants();
    const prisma = prismaOf(tenancy());
    const built = tenancy().run(a.id, () => ({ lazy: prisma.note.findUnique({ where: { id: 1 } }) }));
    expect((await tenancy().run(b.id, async () => built.lazy))?.body).toBe(a.canary);
  });

  test('more tenants than clients, raw queries, and levels of isolation', async () => {
    const [a, b] = tenants();
    const prisma = prismaOf(tenancy(), 1);
    for (const { id } of [a, b, a, b]) {
      const rows = await tenancy().run(
        id,
        async () => prisma.$queryRaw`SELECT current_user::text AS role, ${id}::text AS given`,
      );
      expect(rows).toEqual([{ role: id, given: id }]);
    }
    const level = await tenancy().run(a.id, () =>
      prisma.$transaction((tx) => tx.$queryRaw`SELECT current_setting('transaction_isolation') AS level`, {
        isolationLevel: 'Serializable',
      }),
    );
    expect(level).toEqual([{ level: 'serializable' }]);
  });

  test('a container may look at it outside of any tenant', async () => {
    const prisma = prismaOf(tenancy());
    expect(await Promise.resolve(prisma)).toBe(prisma);
    expect('note' in prisma).toBe(true);
    expect((prisma as { onModuleInit?: unknown }).onModuleInit).toBeUndefined();
    // Nest asks every value that it injects.
    expect(prisma.constructor).toBeTypeOf('function');
    expect(Object.prototype.hasOwnProperty.call(prisma, 'note')).toBe(false);
    expect(() => prisma.note).toThrow(expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }) as Error);
    await prisma.$disconnect();
  });
});

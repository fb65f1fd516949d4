// #region database
import type { Tenancy } from '@tenantry/tenancy';
import { tenantPrisma } from '@tenantry/tenancy/prisma';
import { PrismaClient } from './generated/client.ts';

export type Database = PrismaClient;
export const openDatabase = (tenancy: Tenancy): Database =>
  tenantPrisma(tenancy, (adapter) => new PrismaClient({ adapter }));
// #endregion

// #region query
export async function listAccounts(db: Database) {
  return db.account.findMany({ include: { projects: true }, orderBy: { id: 'asc' }, take: 100 });
}
// #endregion

// #region transaction
export async function openAccount(db: Database, name: string, key: string): Promise<bigint> {
  return db.$transaction(
    async (tx) => {
      const { id } = await tx.account.create({ data: { name } });
      await tx.project.create({ data: { accountId: id, key, name } });
      return id;
    },
    { isolationLevel: 'Serializable' },
  );
}
// #endregion

// #region extension
export const openExtended = (tenancy: Tenancy) =>
  tenantPrisma(tenancy, (adapter) =>
    new PrismaClient({ adapter }).$extends({
      result: { account: { label: { needs: { name: true }, compute: ({ name }) => `Account ${name}` } } },
    }),
  );
// #endregion

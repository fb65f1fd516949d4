import { TenantRepository } from '@tenantry/tenancy/patterns';
import { throwPostgresError, type Database } from '../database.ts';
import type { Account, PageRequest } from './account.ts';

/** Accounts of one tenant. Ids are decimal digits within PostgreSQL's bigint; whoever calls has checked that. */
export class AccountRepository extends TenantRepository<Pick<Database, 'account'>> {
  /** By id, from the one after `after`. */
  async list({ limit, after }: PageRequest): Promise<readonly Account[]> {
    const rows = await this.db.account.findMany({
      ...(after === undefined ? {} : { where: { id: { gt: BigInt(after) } } }),
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(accountOf);
  }

  async find(id: string): Promise<Account | undefined> {
    const row = await this.db.account.findUnique({ where: { id: BigInt(id) } });
    return row === null ? undefined : accountOf(row);
  }

  async create({ name }: { name: string }): Promise<Account> {
    return accountOf(await this.db.account.create({ data: { name } }));
  }

  async rename(id: string, name: string): Promise<Account | undefined> {
    // Not `update`, which throws where there is no such row.
    const [row] = await this.db.account.updateManyAndReturn({ where: { id: BigInt(id) }, data: { name } });
    return row && accountOf(row);
  }

  /**
   * False where there is none. Where something still refers to it, rejects with `code` 23503, or since PostgreSQL 18 with
   * 23001 where that is ON DELETE RESTRICT.
   */
  async remove(id: string): Promise<boolean> {
    const { count } = await this.db.account
      .deleteMany({ where: { id: BigInt(id) } })
      .catch(throwPostgresError);
    return count === 1;
  }
}

function accountOf({ id, name, createdAt }: { id: bigint; name: string; createdAt: Date }): Account {
  return { id: String(id), name, createdAt: createdAt.toISOString() };
}

import { TenantRepository } from '@tenantry/tenancy/patterns';
import { asc, eq, gt } from 'drizzle-orm';
import { throwPostgresError, type Database } from '../database.ts';
import { accounts } from '../schema.ts';
import type { Account, PageRequest } from './account.ts';

/** Accounts of one tenant. Ids are decimal digits within PostgreSQL's bigint; whoever calls has checked that. */
export class AccountRepository extends TenantRepository<Database> {
  /** By id, from the one after `after`. */
  async list({ limit, after }: PageRequest): Promise<readonly Account[]> {
    const rows = await this.db
      .select()
      .from(accounts)
      .where(after === undefined ? undefined : gt(accounts.id, BigInt(after)))
      .orderBy(asc(accounts.id))
      .limit(limit);
    return rows.map(accountOf);
  }

  async find(id: string): Promise<Account | undefined> {
    const [row] = await this.db
      .select()
      .from(accounts)
      .where(eq(accounts.id, BigInt(id)));
    return row && accountOf(row);
  }

  async create({ name }: { name: string }): Promise<Account> {
    const [row] = await this.db.insert(accounts).values({ name }).returning();
    return accountOf(row!);
  }

  async rename(id: string, name: string): Promise<Account | undefined> {
    const [row] = await this.db
      .update(accounts)
      .set({ name })
      .where(eq(accounts.id, BigInt(id)))
      .returning();
    return row && accountOf(row);
  }

  /**
   * False where there is none. Where something still refers to it, rejects with `code` 23503, or since PostgreSQL 18 with
   * 23001 where that is ON DELETE RESTRICT.
   */
  async remove(id: string): Promise<boolean> {
    const { rowCount } = await this.db
      .delete(accounts)
      .where(eq(accounts.id, BigInt(id)))
      .catch(throwPostgresError);
    return rowCount === 1;
  }
}

function accountOf({ id, name, createdAt }: typeof accounts.$inferSelect): Account {
  return { id: String(id), name, createdAt: createdAt.toISOString() };
}

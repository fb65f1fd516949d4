import { TenantRepository } from '@tenantry/tenancy/patterns';
import type { Database } from '../database.ts';
import type { Account, PageRequest } from './account.ts';

const columns = ['id', 'name', 'created_at'] as const;

/** Accounts of one tenant. Ids are decimal digits within PostgreSQL's bigint; whoever calls has checked that. */
export class AccountRepository extends TenantRepository<Database> {
  /** By id, from the one after `after`. */
  async list({ limit, after }: PageRequest): Promise<readonly Account[]> {
    const first = this.db.selectFrom('accounts').select(columns).orderBy('id').limit(limit);
    const query = after === undefined ? first : first.where('id', '>', after);
    return (await query.execute()).map(accountOf);
  }

  async find(id: string): Promise<Account | undefined> {
    const row = await this.db.selectFrom('accounts').select(columns).where('id', '=', id).executeTakeFirst();
    return row && accountOf(row);
  }

  async create({ name }: { name: string }): Promise<Account> {
    return accountOf(
      await this.db.insertInto('accounts').values({ name }).returning(columns).executeTakeFirstOrThrow(),
    );
  }

  async rename(id: string, name: string): Promise<Account | undefined> {
    const row = await this.db
      .updateTable('accounts')
      .set({ name })
      .where('id', '=', id)
      .returning(columns)
      .executeTakeFirst();
    return row && accountOf(row);
  }

  /**
   * False where there is none. Where something still refers to it, rejects with `code` 23503, or since PostgreSQL 18 with
   * 23001 where that is ON DELETE RESTRICT.
   */
  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('accounts')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return numDeletedRows === 1n;
  }
}

function accountOf(row: { id: string; name: string; created_at: Date }): Account {
  return { id: row.id, name: row.name, createdAt: row.created_at.toISOString() };
}

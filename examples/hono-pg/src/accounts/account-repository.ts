import { TenantRepository } from '@tenantry/tenancy/patterns';
import type { Database } from '../database.ts';
import type { Account, PageRequest } from './account.ts';

/** As `pg` gives it: a bigint is a text, because a number of JavaScript does not hold all of them. */
interface AccountRow {
  id: string;
  name: string;
  created_at: Date;
}

/** Accounts of one tenant. Ids are decimal digits within PostgreSQL's bigint; whoever calls has checked that. */
export class AccountRepository extends TenantRepository<Database> {
  /** By id, from the one after `after`. */
  async list({ limit, after }: PageRequest): Promise<readonly Account[]> {
    const { rows } = await this.db.query<AccountRow>(
      `SELECT id, name, created_at FROM accounts
       WHERE $2::bigint IS NULL OR id > $2 ORDER BY id LIMIT $1`,
      [limit, after],
    );
    return rows.map(accountOf);
  }

  async find(id: string): Promise<Account | undefined> {
    const { rows } = await this.db.query<AccountRow>(
      'SELECT id, name, created_at FROM accounts WHERE id = $1',
      [id],
    );
    return rows[0] && accountOf(rows[0]);
  }

  async create({ name }: { name: string }): Promise<Account> {
    const { rows } = await this.db.query<AccountRow>(
      'INSERT INTO accounts (name) VALUES ($1) RETURNING id, name, created_at',
      [name],
    );
    return accountOf(rows[0]!);
  }

  async rename(id: string, name: string): Promise<Account | undefined> {
    const { rows } = await this.db.query<AccountRow>(
      'UPDATE accounts SET name = $2 WHERE id = $1 RETURNING id, name, created_at',
      [id, name],
    );
    return rows[0] && accountOf(rows[0]);
  }

  /**
   * False where there is none. Where something still refers to it, rejects with `code` 23503, or since PostgreSQL 18 with
   * 23001 where that is ON DELETE RESTRICT.
   */
  async remove(id: string): Promise<boolean> {
    const { rowCount } = await this.db.query('DELETE FROM accounts WHERE id = $1', [id]);
    return rowCount === 1;
  }
}

function accountOf({ id, name, created_at: createdAt }: AccountRow): Account {
  return { id, name, createdAt: createdAt.toISOString() };
}

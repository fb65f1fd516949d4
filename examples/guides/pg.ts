// #region database
import type { Tenancy } from '@tenantry/tenancy';
import { tenantPool, withClient } from '@tenantry/tenancy/pg';
import type { Pool } from 'pg';

export const openDatabase = (tenancy: Tenancy): Pool => tenantPool(tenancy);
// #endregion

// #region query
interface AccountRow {
  id: string;
  name: string;
}

export async function listAccounts(db: Pool): Promise<readonly AccountRow[]> {
  const { rows } = await db.query<AccountRow>('SELECT id, name FROM accounts ORDER BY id LIMIT $1', [100]);
  return rows;
}
// #endregion

// #region transaction
export async function openAccount(tenancy: Tenancy, name: string, key: string): Promise<string> {
  return tenancy.transaction(
    async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        'INSERT INTO accounts (name) VALUES ($1) RETURNING id',
        [name],
      );
      await tx.query('INSERT INTO projects (account_id, key, name) VALUES ($1, $2, $3)', [
        rows[0]!.id,
        key,
        name,
      ]);
      return rows[0]!.id;
    },
    { isolation: 'serializable', retry: { attempts: 3 } },
  );
}
// #endregion

// #region session
/** Several statements in one session: here a cursor, which PostgreSQL keeps for as long as its transaction. */
export async function countByCursor(tenancy: Tenancy): Promise<number> {
  return withClient(tenancy, async (client) => {
    await client.query('BEGIN READ ONLY');
    await client.query('DECLARE all_accounts CURSOR FOR SELECT id, name FROM accounts');
    let count = 0;
    for (;;) {
      const { rows } = await client.query<AccountRow>('FETCH 500 FROM all_accounts');
      if (rows.length === 0) return count;
      count += rows.length;
    }
  });
}
// #endregion

// #region many
export async function importAccounts(db: Pool, names: readonly string[]): Promise<void> {
  await db.query('INSERT INTO accounts (name) SELECT * FROM unnest($1::text[])', [names]);
}
// #endregion

import type { Tenancy } from '@tenantry/tenancy';

// #region transaction
export async function openAccount(tenancy: Tenancy, name: string): Promise<string> {
  return tenancy.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string }>('INSERT INTO accounts (name) VALUES ($1) RETURNING id', [
      name,
    ]);
    await tx.query("INSERT INTO projects (account_id, key, name) VALUES ($1, 'INTRO', 'Introduction')", [
      rows[0]!.id,
    ]);
    return rows[0]!.id; // returning commits, throwing rolls back
  });
}
// #endregion

// #region savepoint
/** Imports what it can: a row that PostgreSQL refuses undoes itself, and not the others. */
export async function importAccounts(tenancy: Tenancy, names: readonly string[]): Promise<readonly string[]> {
  return tenancy.transaction(async (tx) => {
    const refused: string[] = [];
    for (const name of names) {
      try {
        await tx.savepoint((part) => part.query('INSERT INTO accounts (name) VALUES ($1)', [name]));
      } catch {
        refused.push(name);
      }
    }
    return refused;
  });
}
// #endregion

// #region retry
/** Two of these at the same time cannot both be right; PostgreSQL refuses one, and it is run again. */
export async function addMissing(tenancy: Tenancy, name: string): Promise<void> {
  await tenancy.transaction(
    async (tx) => {
      const found = await tx.query('SELECT FROM accounts WHERE name = $1', [name]);
      if (found.rowCount === 0) await tx.query('INSERT INTO accounts (name) VALUES ($1)', [name]);
    },
    { isolation: 'serializable', retry: { attempts: 5 } },
  );
}
// #endregion

// #region key
/** `request` is what the caller sends with every repetition: a header Idempotency-Key, the id of a message. */
export async function openOnce(tenancy: Tenancy, request: string, name: string): Promise<{ id: string }> {
  return tenancy.transaction(
    async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        'INSERT INTO accounts (name) VALUES ($1) RETURNING id',
        [name],
      );
      return { id: rows[0]!.id };
    },
    { idempotencyKey: request },
  );
}
// #endregion

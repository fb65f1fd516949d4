// #region transaction
import type { Tenancy } from '@tenantry/tenancy';

/** A new client and its first project: both, or neither. */
export async function openAccount(tenancy: Tenancy, name: string, key: string): Promise<{ id: string }> {
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
      return rows[0]!;
    },
    { retry: { attempts: 3 } },
  );
}
// #endregion

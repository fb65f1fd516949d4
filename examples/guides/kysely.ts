// #region database
import type { Tenancy } from '@tenantry/tenancy';
import { tenantKysely } from '@tenantry/tenancy/kysely';
import type { ColumnType, Generated, GeneratedAlways, Kysely } from 'kysely';

interface Tables {
  accounts: { id: GeneratedAlways<string>; name: string; created_at: ColumnType<Date, never, never> };
  projects: {
    id: GeneratedAlways<string>;
    account_id: string;
    key: string;
    name: string;
    state: Generated<string>;
  };
}

export type Database = Kysely<Tables>;
export const openDatabase = (tenancy: Tenancy): Database => tenantKysely<Tables>(tenancy);
// #endregion

// #region query
export async function listAccounts(db: Database) {
  return db.selectFrom('accounts').select(['id', 'name']).orderBy('id').limit(100).execute();
}
// #endregion

// #region transaction
export async function openAccount(db: Database, name: string, key: string): Promise<string> {
  return db
    .transaction()
    .setIsolationLevel('serializable')
    .execute(async (tx) => {
      const { id } = await tx
        .insertInto('accounts')
        .values({ name })
        .returning('id')
        .executeTakeFirstOrThrow();
      await tx.insertInto('projects').values({ account_id: id, key, name }).execute();
      return id;
    });
}
// #endregion

// #region pages
/** All accounts, a thousand at a time. */
export async function* eachAccount(db: Database) {
  for (let after = '0'; ;) {
    const page = db
      .selectFrom('accounts')
      .select(['id', 'name'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(1000);
    const rows = await page.execute();
    yield* rows;
    if (rows.length < 1000) return;
    after = rows.at(-1)!.id;
  }
}
// #endregion

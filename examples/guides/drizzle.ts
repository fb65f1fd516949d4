// #region database
import type { Tenancy } from '@tenantry/tenancy';
import { tenantDrizzle } from '@tenantry/tenancy/drizzle';
import { asc, DrizzleQueryError, relations } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

const key = () => bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity();
export const accounts = pgTable('accounts', { id: key(), name: text().notNull() });
export const projects = pgTable('projects', {
  id: key(),
  accountId: bigint('account_id', { mode: 'bigint' }).notNull(),
  key: text().notNull(),
  name: text().notNull(),
});
const accountRelations = relations(accounts, ({ many }) => ({ projects: many(projects) }));
const projectRelations = relations(projects, ({ one }) => ({
  account: one(accounts, { fields: [projects.accountId], references: [accounts.id] }),
}));
const schema = { accounts, projects, accountRelations, projectRelations };

export type Database = NodePgDatabase<typeof schema>;
export const openDatabase = (tenancy: Tenancy): Database => tenantDrizzle(tenancy, { schema });
// #endregion

// #region query
export async function listAccounts(db: Database) {
  return db.query.accounts.findMany({ with: { projects: true }, orderBy: asc(accounts.id), limit: 100 });
}
// #endregion

// #region transaction
export async function openAccount(db: Database, name: string, projectKey: string): Promise<bigint> {
  return db.transaction(
    async (tx) => {
      const [account] = await tx.insert(accounts).values({ name }).returning({ id: accounts.id });
      await tx.insert(projects).values({ accountId: account!.id, key: projectKey, name });
      return account!.id;
    },
    { isolationLevel: 'serializable' },
  );
}
// #endregion

// #region error
/** What PostgreSQL has said, without the statement and its parameters. */
export function postgresError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}
// #endregion

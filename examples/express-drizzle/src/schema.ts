import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

// Without a schema (no `pgSchema`): the tenant's own comes first in its search path. The tables are made by migrations/,
// so here stands only what the application reads and writes.

export const accounts = pgTable('accounts', {
  id: bigint({ mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
  name: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

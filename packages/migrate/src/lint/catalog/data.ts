import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, state text);';

/** Writes to tables that are in use, counted to the locks: what they lock is rows, for long. */
export const dataRules = {
  'write-without-where': {
    severity: 'warning',
    lock: 'ROW EXCLUSIVE',
    title: '`UPDATE` or `DELETE` without `WHERE` on a table that exists',
    why: 'Every row is locked until the file is done, and every row is written twice.',
    instead:
      'Batches of some thousand rows by key, each its own transaction: a job of the application, or files of their own.',
    setup: ORDERS,
    bad: "UPDATE orders SET state = 'new';",
    good: ["UPDATE orders SET state = 'new' WHERE id = 1;"],
  },
  'backfill-with-ddl': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'Many rows of a table written in the file that alters it',
    why: 'The lock of ALTER TABLE is held while the rows are written: nobody can read the table until both are done.',
    instead: 'Two files: the DDL in the first, the rows in the second.',
    setup: ORDERS,
    bad: "ALTER TABLE orders ADD COLUMN open boolean;\nUPDATE orders SET open = true WHERE state <> 'closed';",
    good: [
      'ALTER TABLE orders ADD COLUMN open boolean;',
      "UPDATE orders SET open = true WHERE state <> 'closed';",
    ],
  },
} as const satisfies Record<string, RuleText>;

/** What can and what cannot run in a transaction. */
export const transactionRules = {
  'mixed-transactional': {
    severity: 'error',
    lock: null,
    title: 'Statements that need a transaction beside ones that refuse it',
    why: 'Flyway and Tenantry refuse such a file unless `mixed` is set, and then it is no transaction: a failure leaves half of it.',
    instead: 'A file of its own for each statement that cannot run in a transaction.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD COLUMN a int;\nCREATE INDEX CONCURRENTLY orders_state ON orders (state);',
    good: [
      'ALTER TABLE orders ADD COLUMN a int;',
      'CREATE INDEX CONCURRENTLY orders_state ON orders (state);',
    ],
  },
  'concurrently-not-alone': {
    severity: 'warning',
    lock: null,
    title: 'Several statements without a transaction in one file',
    why: 'If the second one fails, the first one stays, and the file, run again, fails at the first.',
    instead: 'A file for each.',
    setup: ORDERS,
    bad: 'CREATE INDEX CONCURRENTLY orders_state ON orders (state);\nCREATE INDEX CONCURRENTLY orders_both ON orders (id, state);',
    good: ['CREATE INDEX CONCURRENTLY orders_state ON orders (state);'],
  },
} as const satisfies Record<string, RuleText>;

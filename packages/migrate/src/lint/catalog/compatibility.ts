import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer text, state text);';
const LATER = 'Let a release go out that does not use it; remove it with the next one.';

/** What the previous version of the application, which runs while the migration does, still reads or writes. */
export const compatibilityRules = {
  'drop-table': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`DROP TABLE` of a table that exists',
    why: 'The previous version of the application may still use it, and its rows cannot be brought back.',
    instead: LATER,
    setup: ORDERS,
    bad: 'DROP TABLE orders;',
    good: ['CREATE TABLE scratch (id bigint);\nDROP TABLE scratch;'],
  },
  'drop-column': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`DROP COLUMN` of a table that exists',
    why: 'The previous version of the application may still name it, and its values cannot be brought back.',
    instead: LATER,
    setup: ORDERS,
    bad: 'ALTER TABLE orders DROP COLUMN state;',
    good: ['ALTER TABLE orders ALTER COLUMN state DROP NOT NULL;'],
  },
  'drop-object': {
    severity: 'warning',
    lock: null,
    title:
      '`DROP` of a view, function, procedure, sequence, type or domain that is not made again in the same file',
    why: 'The previous version of the application may still use it.',
    instead: LATER,
    setup: `${ORDERS}\nCREATE VIEW open_orders AS SELECT id FROM orders;`,
    bad: 'DROP VIEW open_orders;',
    good: ['DROP VIEW open_orders;\nCREATE VIEW open_orders AS SELECT id, customer FROM orders;'],
  },
  'rename-table': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`RENAME` of a table or view that exists',
    why: 'The previous version of the application does not know the new name.',
    instead: 'Make a view of the old name in the same file, and drop it in a later release.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders RENAME TO purchase;',
    good: ['ALTER TABLE orders RENAME TO purchase;\nCREATE VIEW orders AS SELECT * FROM purchase;'],
  },
  'rename-column': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`RENAME COLUMN` of a table that exists',
    why: 'The previous version of the application does not know the new name.',
    instead:
      'Add a column of the new name, keep both in step with a trigger, and drop the old one in a later release.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders RENAME COLUMN state TO status;',
    good: [
      'CREATE INDEX CONCURRENTLY orders_state ON orders (state);',
      'ALTER INDEX orders_state RENAME TO orders_by_state;',
    ],
  },
  'rename-object': {
    severity: 'warning',
    lock: null,
    title:
      '`RENAME` of a function, procedure, sequence, type or an attribute of one, or of a value of an enum',
    why: 'The previous version of the application does not know the new name, and fails to read a value that it does not know.',
    instead:
      'Make the new one beside the old one (`ALTER TYPE … ADD VALUE` for an enum), and remove the old one in a later release.',
    setup: "CREATE TYPE mood AS ENUM ('fine', 'sad');",
    bad: "ALTER TYPE mood RENAME VALUE 'fine' TO 'happy';",
    good: ["ALTER TYPE mood ADD VALUE 'happy';"],
  },
} as const satisfies Record<string, RuleText>;

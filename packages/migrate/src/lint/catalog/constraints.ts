import type { RuleText } from '../rule.ts';

const ORDERS =
  'CREATE TABLE customer (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, code text, total numeric);';

/** Constraints of tables that are in use. */
export const constraintRules = {
  'check-scans': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`ADD CHECK` (or a named `NOT NULL`) without `NOT VALID`',
    why: 'Every row is checked while nobody else can read the table.',
    instead:
      'Add it `NOT VALID`, which holds for new rows at once, and `VALIDATE CONSTRAINT` in the next file, which lets reads and writes pass.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0);',
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_total;',
    ],
  },
  'foreign-key-scans': {
    severity: 'warning',
    lock: 'SHARE ROW EXCLUSIVE',
    title: 'A foreign key without `NOT VALID`',
    why: 'Every row is looked up while nobody can write to either of the two tables.',
    instead: 'Add it `NOT VALID`, and `VALIDATE CONSTRAINT` in the next file.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer;',
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;',
      'ALTER TABLE orders ADD COLUMN payer bigint REFERENCES customer;',
    ],
  },
  'unique-builds-index': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`UNIQUE` or `PRIMARY KEY` without `USING INDEX`',
    why: 'Its index is built while nobody can read the table.',
    instead:
      '`CREATE UNIQUE INDEX CONCURRENTLY` in a file of its own, then `ADD CONSTRAINT … UNIQUE USING INDEX`.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);',
    good: [
      'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code);',
      'ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code;',
    ],
  },
  'exclusion-builds-index': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`ADD EXCLUDE` on a table that exists',
    why: 'Its index is built while nobody can read the table, and PostgreSQL has no other way to add one.',
    instead:
      'Make a table with the constraint and let the application move to it, or do it in a quiet hour with this rule switched off and the reason written down.',
    setup: 'CREATE TABLE booking (id bigint PRIMARY KEY, during tsrange);',
    bad: 'ALTER TABLE booking ADD CONSTRAINT booking_once EXCLUDE USING gist (during WITH &&);',
    good: ['CREATE TABLE stay (during tsrange, EXCLUDE USING gist (during WITH &&));'],
  },
  'validate-in-same-file': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`VALIDATE CONSTRAINT` in the file that added it `NOT VALID`',
    why: 'One file is one transaction: the lock of the ADD is held while every row is read, as if NOT VALID were not there.',
    instead: 'Move `VALIDATE CONSTRAINT` to the next file.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_total;',
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_total;',
    ],
  },
} as const satisfies Record<string, RuleText>;

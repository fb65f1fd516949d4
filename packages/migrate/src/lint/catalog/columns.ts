import type { RuleText } from '../rule.ts';

const ORDERS =
  'CREATE TABLE orders (id bigint PRIMARY KEY, customer varchar(40), note text, total numeric(10, 2));';

/** Columns of tables that are in use. */
export const columnRules = {
  'column-default-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'A new column with a volatile default',
    why: 'Every row gets a value of its own, so the table is written anew while nobody can read it. A constant, or `now()`, is stored once.',
    instead:
      'Add the column without it, `SET DEFAULT` for rows to come, and fill the old ones in batches in later files.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();',
    good: [
      'ALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();',
      'ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT now();',
    ],
  },
  'column-generated-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'A new `GENERATED … STORED` column, or a new expression for one',
    why: 'The value of every row is computed and the table written anew while nobody can read it.',
    instead: 'A `VIRTUAL` column (PostgreSQL 18), or a plain column with a trigger, filled in batches.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD COLUMN total_cents bigint GENERATED ALWAYS AS ((total * 100)::bigint) STORED;',
    good: [
      'ALTER TABLE orders ADD COLUMN total_cents bigint GENERATED ALWAYS AS ((total * 100)::bigint) VIRTUAL;',
    ],
  },
  'column-sequence-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'A new `serial` or identity column on a table that exists',
    why: 'Every row gets the next number, so the table is written anew while nobody can read it.',
    instead:
      'Add a plain bigint, set its default to a sequence’s nextval, fill old rows in batches, make it an identity when it is full.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;',
    good: [
      "ALTER TABLE orders ADD COLUMN number bigint;\nCREATE SEQUENCE orders_number OWNED BY orders.number;\nALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('orders_number');",
    ],
  },
  'column-not-null-without-default': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'A new `NOT NULL` column without a default',
    why: 'It fails as soon as the table has one row, and the previous version of the application, which does not know the column, can no longer insert.',
    instead: 'Give it a default, or add it nullable, fill it, and set NOT NULL in a later release.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ADD COLUMN currency text NOT NULL;',
    good: ["ALTER TABLE orders ADD COLUMN currency text NOT NULL DEFAULT 'CHF';"],
  },
  'not-null-scans': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`SET NOT NULL` on a column that no validated constraint holds',
    why: 'The whole table is read to find a null while nobody else can read it.',
    instead:
      'Add `CHECK (… IS NOT NULL) NOT VALID`, validate it in the next file, then SET NOT NULL reads nothing. PostgreSQL 18: `ADD CONSTRAINT … NOT NULL … NOT VALID`, then validate.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ALTER COLUMN customer SET NOT NULL;',
    good: [
      'ALTER TABLE orders ADD CONSTRAINT orders_customer_set CHECK (customer IS NOT NULL) NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_set;',
      'ALTER TABLE orders ALTER COLUMN customer SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT orders_customer_set;',
    ],
  },
  'column-type-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'A change of a column’s type that writes the table anew',
    why: 'The table and its indexes are written anew while nobody can read it. Known to be free: a longer or no limit of varchar, varchar to text, a greater precision of numeric, cidr to inet.',
    instead:
      'Add a column of the new type, keep both in step with a trigger, fill in batches, and let a later release read the new one.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders ALTER COLUMN customer TYPE bigint USING customer::bigint;',
    good: [
      'ALTER TABLE orders ALTER COLUMN customer TYPE varchar(80);',
      'ALTER TABLE orders ALTER COLUMN customer TYPE text;',
      'ALTER TABLE orders ALTER COLUMN total TYPE numeric(14, 2);',
    ],
  },
} as const satisfies Record<string, RuleText>;

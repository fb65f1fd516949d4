import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer text);';

/** What opens a schema that is otherwise closed. */
export const securityRules = {
  'remote-access': {
    severity: 'error',
    lock: null,
    title: '`dblink` and its like',
    why: 'The connection is another session with another role; nothing that holds in this transaction holds there.',
    instead: 'Move data with the application, or have an administrator set up logical replication.',
    setup: ORDERS,
    bad: "INSERT INTO orders SELECT * FROM dblink('host=old', 'SELECT id, customer FROM orders') AS o(id bigint, customer text);",
    good: ["INSERT INTO orders VALUES (1, 'dblink');"],
  },
  'untrusted-language': {
    severity: 'error',
    lock: null,
    title: 'A function in C or in an untrusted procedural language',
    why: 'It runs with the rights of the server process; only a superuser may make one.',
    instead: 'PL/pgSQL, SQL, or a trusted language.',
    bad: 'CREATE FUNCTION shell(c text) RETURNS text LANGUAGE plpython3u AS $$ import os; return os.popen(c).read() $$;',
    good: ['CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;'],
  },
  'security-definer-search-path': {
    severity: 'error',
    lock: null,
    title: '`SECURITY DEFINER` without a fixed `search_path` that ends in `pg_temp`',
    why: 'The caller’s search_path decides what the names in the body mean: a temporary table of the caller’s is found before the real one, with the owner’s rights.',
    instead:
      'Add `SET search_path = <schema>, pg_temp`; pg_temp last, because it comes first where it is not named.',
    setup: ORDERS,
    bad: 'CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER\n  AS $$ SELECT count(*) FROM orders $$;',
    good: [
      'CREATE FUNCTION order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER\n  SET search_path = app, pg_temp AS $$ SELECT count(*) FROM orders $$;',
    ],
  },
  'row-security-off': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`DISABLE ROW LEVEL SECURITY`, `NO FORCE ROW LEVEL SECURITY`',
    why: 'Rows that a policy hid are readable from this moment by whoever may read the table.',
    instead: 'Change the policy, in one transaction with what needs it.',
    setup: 'CREATE TABLE orders (id bigint, customer text);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
    bad: 'ALTER TABLE orders DISABLE ROW LEVEL SECURITY;',
    good: ["CREATE POLICY own ON orders USING (customer = current_setting('app.customer'));"],
  },
  'view-over-row-security': {
    severity: 'info',
    lock: null,
    title: 'A view without `security_invoker` over a table with row level security',
    why: 'Such a view reads with the rights of its owner, and an owner is not held by policies: it shows every row.',
    instead: 'Add `WITH (security_invoker = true)`.',
    setup: 'CREATE TABLE orders (id bigint, customer text);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
    bad: 'CREATE VIEW open_orders AS SELECT * FROM orders;',
    good: ['CREATE VIEW open_orders WITH (security_invoker = true) AS SELECT * FROM orders;'],
  },
  'default-privileges': {
    severity: 'warning',
    lock: null,
    title: '`ALTER DEFAULT PRIVILEGES`',
    why: 'It changes who may use what every later migration makes, and nothing in those files says so.',
    instead: 'Leave it to whoever made the schema; grant on the object where one role needs more.',
    setup: ORDERS,
    bad: 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO CURRENT_USER;',
    good: ['GRANT SELECT ON orders TO CURRENT_USER;'],
  },
} as const satisfies Record<string, RuleText>;

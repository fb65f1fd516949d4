import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer text);';
const EVENTS =
  'CREATE TABLE event (at date NOT NULL, body text) PARTITION BY RANGE (at);\nCREATE TABLE event_2024 (at date NOT NULL, body text);';

/** Statements that lock or rewrite whole tables that are in use. */
export const tableRules = {
  'table-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`SET LOGGED`, `SET UNLOGGED`, `SET TABLESPACE`, `SET ACCESS METHOD`',
    why: 'The table is copied while nobody can read it.',
    instead: 'Make a table of the new kind and let the application move to it, or do it in a quiet hour.',
    setup: ORDERS,
    bad: 'ALTER TABLE orders SET UNLOGGED;',
    good: ['CREATE UNLOGGED TABLE scratch (id bigint);\nALTER TABLE scratch SET LOGGED;'],
  },
  'cluster-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`CLUSTER`',
    why: 'The table is copied in the order of an index while nobody can read it.',
    instead: 'Do it outside of migrations with a tool that copies online, such as pg_repack.',
    setup: ORDERS,
    bad: 'CLUSTER orders USING orders_pkey;',
    good: ['ALTER TABLE orders CLUSTER ON orders_pkey;'],
  },
  'vacuum-full-rewrites': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`VACUUM FULL`',
    why: 'The table is copied while nobody can read it.',
    instead: 'Plain `VACUUM`, or a tool that copies online, outside of migrations.',
    setup: ORDERS,
    bad: 'VACUUM FULL orders;',
    good: ['VACUUM (ANALYZE) orders;'],
  },
  'lock-table': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`LOCK TABLE` in a mode that keeps writers or readers away',
    why: 'It is held until the file is done.',
    instead:
      'Leave it to the statements, which take the weakest lock that will do; for one writer at a time, an advisory lock.',
    setup: ORDERS,
    bad: 'LOCK TABLE orders;',
    good: ['LOCK TABLE orders IN ROW EXCLUSIVE MODE;'],
  },
  truncate: {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`TRUNCATE` of a table that exists',
    why: 'It waits for every reader, and the rows are gone for the previous version of the application too.',
    instead: '`DELETE` in batches where the table is read; nothing where the rows are still needed.',
    setup: ORDERS,
    bad: 'TRUNCATE orders;',
    good: ['CREATE TABLE scratch (id bigint);\nTRUNCATE scratch;'],
  },
  'refresh-blocks-reads': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`',
    why: 'Nobody can read the view until its query is done.',
    instead: '`REFRESH MATERIALIZED VIEW CONCURRENTLY`, which needs a unique index on the view.',
    setup: `${ORDERS}\nCREATE MATERIALIZED VIEW totals AS SELECT customer, count(*) FROM orders GROUP BY customer;\nCREATE UNIQUE INDEX totals_customer ON totals (customer);`,
    bad: 'REFRESH MATERIALIZED VIEW totals;',
    good: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'],
  },
  'detach-partition-locks': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`DETACH PARTITION` without `CONCURRENTLY`',
    why: 'It waits for every query that reads any partition, and all queries that come later wait for it.',
    instead: '`DETACH PARTITION … CONCURRENTLY`, alone in its file.',
    setup: `${EVENTS}\nALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`,
    bad: 'ALTER TABLE event DETACH PARTITION event_2024;',
    good: ['ALTER TABLE event DETACH PARTITION event_2024 CONCURRENTLY;'],
  },
  'attach-partition-scans': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`ATTACH PARTITION` of a filled table without a validated `CHECK`',
    why: 'Every row of the partition is read to see that it fits its bounds, while nobody can read it.',
    instead:
      'Add a CHECK of the same bounds `NOT VALID`, validate it in the next file, attach in the one after it, then drop the CHECK.',
    setup: EVENTS,
    bad: "ALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    good: [
      "ALTER TABLE event_2024 ADD CONSTRAINT bounds CHECK (at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;",
      'ALTER TABLE event_2024 VALIDATE CONSTRAINT bounds;',
      "ALTER TABLE event ATTACH PARTITION event_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    ],
  },
  'create-partition-locks': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`CREATE TABLE … PARTITION OF` a table that exists',
    why: 'It locks the parent against every reader, and reads the default partition if there is one.',
    instead:
      'Make the table by itself, then `ATTACH PARTITION`, which lets reads and writes of the parent pass.',
    setup: EVENTS,
    bad: "CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
    good: [
      "CREATE TABLE event_2025 (LIKE event INCLUDING ALL);\nALTER TABLE event ATTACH PARTITION event_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
    ],
  },
  'many-tables-locked': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: 'Several tables locked against readers in one file',
    why: 'The first lock is held while the next one is waited for; with a query that takes them in the other order it is a deadlock.',
    instead: 'One file for each table.',
    setup: `${ORDERS}\nCREATE TABLE customer (id bigint);`,
    bad: 'ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE customer ADD COLUMN a int;',
    good: ['ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN b int;'],
  },
  'lock-timeout-off': {
    severity: 'warning',
    lock: null,
    title: '`SET lock_timeout = 0`',
    why: 'A statement that waits for a lock stops all queries behind it; lock_timeout is what ends the wait so that the migration can be tried again.',
    instead: 'Remove it (dumps carry it); or set a time that an application can wait.',
    bad: 'SET lock_timeout = 0;',
    good: ["SET lock_timeout = '2s';"],
  },
} as const satisfies Record<string, RuleText>;

import type { RuleText } from '../rule.ts';

const ORDERS = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer text);';
const INDEXED = `${ORDERS}\nCREATE INDEX orders_customer ON orders (customer);`;

/** Indexes of tables that are in use. */
export const indexRules = {
  'index-blocks-writes': {
    severity: 'warning',
    lock: 'SHARE',
    title: '`CREATE INDEX` without `CONCURRENTLY` on a table that exists',
    why: 'Nobody can write to the table until the index is built, which takes as long as the table is big.',
    instead:
      '`CREATE INDEX CONCURRENTLY`, alone in its file. On a partitioned table: `ON ONLY` the parent, `CONCURRENTLY` on each partition, then attach.',
    setup: ORDERS,
    bad: 'CREATE INDEX orders_customer ON orders (customer);',
    good: [
      'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);',
      'CREATE TABLE note (id bigint, body text);\nCREATE INDEX note_body ON note (body);',
    ],
  },
  'drop-index-locks': {
    severity: 'warning',
    lock: 'ACCESS EXCLUSIVE',
    title: '`DROP INDEX` without `CONCURRENTLY`',
    why: 'It waits for every query that reads the table, and all queries that come later wait for it.',
    instead: '`DROP INDEX CONCURRENTLY`, alone in its file.',
    setup: INDEXED,
    bad: 'DROP INDEX orders_customer;',
    good: ['DROP INDEX CONCURRENTLY orders_customer;'],
  },
  'reindex-blocks-writes': {
    severity: 'warning',
    lock: 'SHARE',
    title: '`REINDEX` without `CONCURRENTLY`',
    why: 'Nobody can write to the table, and no query can use the index, until it is built again.',
    instead: '`REINDEX TABLE CONCURRENTLY`, alone in its file.',
    setup: INDEXED,
    bad: 'REINDEX TABLE orders;',
    good: ['REINDEX TABLE CONCURRENTLY orders;'],
  },
} as const satisfies Record<string, RuleText>;

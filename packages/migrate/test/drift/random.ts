import fc from 'fast-check';
import { escapeIdentifier } from 'pg';

import type { Mutation } from './mutations.ts';
import type { Names } from './schema.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
}

interface Table {
  readonly columns: readonly Column[];
  readonly key: boolean;
  readonly indexed: readonly number[];
  readonly checked: boolean;
  readonly references: boolean;
  readonly granted: string | null;
  readonly comment: string | null;
}

/** A random schema: tables are `t0`, `t1`, …; the first has a key that the others may refer to. */
export interface Model {
  readonly tables: readonly Table[];
  readonly views: readonly number[];
  readonly functions: readonly { readonly qualified: boolean; readonly text: string }[];
}

const words = fc.constantFrom('id', 'orders', 'Name', 'a b', 'select', 'naïve', 'shop', 't_a', 'x"y');
const types = fc.constantFrom(
  'int',
  'text',
  'numeric(8,3)',
  'timestamptz',
  'jsonb',
  'varchar(7)',
  'uuid',
  'int[]',
  'interval',
);

const column = fc.record({
  name: words,
  type: types,
  notNull: fc.boolean(),
  default: fc.option(fc.constantFrom('NULL', 'DEFAULT'), { nil: null }),
});

const table = fc.record({
  columns: fc.uniqueArray(column, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }),
  key: fc.boolean(),
  indexed: fc.array(fc.nat(5), { maxLength: 3 }),
  checked: fc.boolean(),
  references: fc.boolean(),
  granted: fc.option(fc.constantFrom('SELECT', 'UPDATE, DELETE', 'ALL'), { nil: null }),
  comment: fc.option(fc.string({ maxLength: 12 }), { nil: null }),
});

/** Random schemas. */
export const models: fc.Arbitrary<Model> = fc.record({
  tables: fc.array(table, { minLength: 1, maxLength: 5 }),
  views: fc.array(fc.nat(4), { maxLength: 3 }),
  functions: fc.array(fc.record({ qualified: fc.boolean(), text: fc.string({ maxLength: 20 }) }), {
    maxLength: 3,
  }),
});

/** Pairs of different names for one schema. */
export const namePairs: fc.Arbitrary<readonly [string, string]> = fc
  .uniqueArray(
    fc.constantFrom('t_a', 'shop', 'Shop', 'a b', 'orders', 't0', 'v0', 'naïve', 'x"y', "o'clock", 'select'),
    {
      minLength: 2,
      maxLength: 2,
    },
  )
  .map(([a = '', b = '']) => [a, b] as const);

/** The statements that make a model's schema. */
export function sqlOf({ tables, views, functions }: Model, { schema, user }: Names): string {
  const [s, u] = [escapeIdentifier(schema), escapeIdentifier(user)];
  const statements = tables.flatMap((it, n) => tableSql(it, n, s, u));
  views.forEach((n, i) => {
    const of = n % tables.length;
    statements.push(`CREATE VIEW v${i} AS SELECT a.*, a.n AS again FROM ${s}.t${of} a JOIN t0 ON t0.n = a.n`);
  });
  functions.forEach(({ qualified, text }, i) => {
    const body = `SELECT count(*) FROM ${qualified ? `${s}.` : ''}t0 -- ${text.replaceAll(/[^\w ]/g, '')}`;
    statements.push(
      `CREATE FUNCTION f${i}(n int DEFAULT ${i}) RETURNS bigint LANGUAGE sql SET search_path = ${s} AS $body$${body}\n$body$`,
    );
  });
  return statements.join(';\n');
}

function tableSql(made: Table, n: number, schema: string, user: string): readonly string[] {
  const columns = made.columns.map(({ name, type, notNull, default: value }) => {
    const filled = value === null ? '' : ` DEFAULT ${value === 'NULL' ? 'NULL' : defaultOf(type)}`;
    return `${escapeIdentifier(`c ${name}`)} ${type}${notNull ? ' NOT NULL' : ''}${filled}`;
  });
  const key = n === 0 || made.key ? ' PRIMARY KEY' : '';
  const check = made.checked ? `, CONSTRAINT checked${n} CHECK (n > ${n})` : '';
  const reference = made.references ? `, up int REFERENCES ${schema}.t0` : '';
  return [
    `CREATE TABLE t${n} (n serial${key}, ${columns.join(', ')}${check}${reference})`,
    ...made.indexed.map((at, i) => {
      const { name, type } = made.columns[at % made.columns.length] ?? { name: '', type: '' };
      const own = escapeIdentifier(`c ${name}`);
      return `CREATE INDEX i${n}_${i} ON ${schema}.t${n} (${type === 'text' ? `lower(${own})` : own}, n DESC) WHERE n > ${i}`;
    }),
    ...(made.granted === null ? [] : [`GRANT ${made.granted} ON t${n} TO ${user}`]),
    ...(made.comment === null ? [] : [`COMMENT ON TABLE t${n} IS $c$${made.comment.replaceAll('$', '')}$c$`]),
  ];
}

function defaultOf(type: string): string {
  switch (type) {
    case 'int':
    case 'numeric(8,3)':
      return '42';
    case 'timestamptz':
      return 'now()';
    case 'uuid':
      return 'gen_random_uuid()';
    case 'int[]':
      return `'{1,2}'`;
    case 'jsonb':
      return `'{"a":1}'`;
    case 'interval':
      return `'1 day'`;
    default:
      return `'it''s'`;
  }
}

/** Changes that any model can suffer; `t` is one of its tables. */
export const randomMutations: readonly ((t: string) => Mutation)[] = [
  () => ({ sql: 'CREATE TABLE extra (a int, b int)', differences: ['+ table extra'] }),
  (t) => ({ sql: `ALTER TABLE ${t} ADD extra int`, differences: [`+ column ${t}.extra`] }),
  (t) => ({ sql: `ALTER TABLE ${t} ALTER n SET DEFAULT 9`, differences: [`~ column ${t}.n default`] }),
  (t) => ({ sql: `ALTER TABLE ${t} ALTER n SET STATISTICS 9`, differences: [`~ column ${t}.n statistics`] }),
  (t) => ({
    sql: `ALTER TABLE ${t} ADD CONSTRAINT extra CHECK (n < 99)`,
    differences: [`+ constraint ${t}.extra`],
  }),
  (t) => ({
    sql: `ALTER TABLE ${t} ADD CONSTRAINT extra UNIQUE (n)`,
    differences: [`+ constraint ${t}.extra`],
  }),
  (t) => ({ sql: `CREATE INDEX extra ON ${t} (n)`, differences: [`+ index ${t}.extra`] }),
  (t) => ({ sql: `ALTER TABLE ${t} SET (fillfactor = 50)`, differences: [`~ table ${t} options`] }),
  (t) => ({ sql: `ALTER TABLE ${t} ENABLE ROW LEVEL SECURITY`, differences: [`~ table ${t} rowSecurity`] }),
  (t) => ({ sql: `CREATE POLICY extra ON ${t} USING (n > 0)`, differences: [`+ policy ${t}.extra`] }),
  (t) => ({ sql: `GRANT TRUNCATE ON ${t} TO PUBLIC`, differences: [`~ table ${t} grants.PUBLIC`] }),
  (t) => ({ sql: `GRANT SELECT (n) ON ${t} TO PUBLIC`, differences: [`~ column ${t}.n grants`] }),
  (t) => ({ sql: `COMMENT ON COLUMN ${t}.n IS 'extra'`, differences: [`~ column ${t}.n comment`] }),
  (t) => ({
    sql: `CREATE RULE extra AS ON DELETE TO ${t} DO INSTEAD NOTHING`,
    differences: [`+ rule ${t}.extra`],
  }),
  (t) => ({ sql: `CREATE STATISTICS extra ON n, (n + 1) FROM ${t}`, differences: ['+ statistics extra'] }),
  (t) => ({ sql: `ALTER SEQUENCE ${t}_n_seq INCREMENT 3`, differences: [`~ sequence ${t}_n_seq increment`] }),
  () => ({ sql: 'CREATE VIEW extra AS SELECT 1 AS a', differences: ['+ view extra'] }),
  () => ({
    sql: 'CREATE FUNCTION extra() RETURNS int LANGUAGE sql RETURN 1',
    differences: ['+ function extra()'],
  }),
  () => ({ sql: `CREATE TYPE extra AS ENUM ('a')`, differences: ['+ enum extra'] }),
];

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A migration file of the benchmark. */
export interface SetFile {
  readonly name: string;
  readonly sql: string;
}

const tables = 20;
const foreignKeys = 10;

/**
 * 30 migration files that make 20 tables with their primary keys, 40 more indexes and 10 foreign keys: a table with two
 * indexes in each of the first twenty, a foreign key in each of the last ten.
 */
export function benchmarkSet(): readonly SetFile[] {
  const numbers = Array.from({ length: tables }, (_, i) => i + 1);
  return [
    ...numbers.map((n) => ({ name: `V${String(n)}__table_${String(n)}.sql`, sql: tableSql(n) })),
    ...numbers.slice(0, foreignKeys).map((n) => ({
      name: `V${String(tables + n)}__link_${String(n)}.sql`,
      sql: linkSql(n, n + foreignKeys),
    })),
  ];
}

function tableSql(n: number): string {
  const table = `entity_${String(n)}`;
  return `-- Table ${String(n)} of the benchmark.
CREATE TABLE ${table} (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id  bigint,
    code       text NOT NULL,
    name       text NOT NULL DEFAULT '',
    amount     numeric(12, 2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
    details    jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ${table}_code_idx ON ${table} (code);
CREATE INDEX ${table}_parent_idx ON ${table} (parent_id, created_at);
`;
}

function linkSql(from: number, to: number): string {
  return `-- Foreign key ${String(from)} of the benchmark.
ALTER TABLE entity_${String(from)}
    ADD CONSTRAINT entity_${String(from)}_parent_fk FOREIGN KEY (parent_id) REFERENCES entity_${String(to)} (id);
`;
}

/** The same schema as one script: what somebody would write who knew its last state from the beginning. */
export function squashed(files: readonly SetFile[]): string {
  return files.map(({ sql }) => sql.replace(/^--.*\n/, '')).join('');
}

/** Writes the files into a directory that a control plane can read. */
export async function writeSet(directory: string, files: readonly SetFile[]): Promise<void> {
  await Promise.all(files.map(({ name, sql }) => writeFile(join(directory, name), sql)));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { migrate, repair } from '../../src/index.ts';
import { startDatabase } from './database.ts';
import type { Database, Project } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const PROCESSES = 20;
const ROUNDS = 25;
const MIGRATIONS = 8;
/** Outside a transaction: an index in place of a table. */
const OUTSIDE = 5;

/** Each makes a table and rows, so that a half-done one would show; one of them an index. */
const FILES = Object.fromEntries(
  Array.from({ length: MIGRATIONS }, (_, i): [string, string] => {
    const n = i + 1;
    if (n === OUTSIDE) return [`V${n}__index.sql`, `create index concurrently t${n} on t1 (id);`];
    return [
      `V${n}__table.sql`,
      `create table t${n} (id int);\ninsert into t${n} select generate_series(1, 2000);\nalter table t${n} add column more text default 'x';\ninsert into t${n} values (0);`,
    ];
  }),
);

function start(project: Project) {
  const script = join(import.meta.dirname, 'migrate-process.ts');
  const args = [script, database.url, project.directory, project.schema];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runToEnd(
  project: Project,
): Promise<{ code: number | null; executed: number; errors: string }> {
  const child = start(project);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, executed: Number(/^executed (\d+)$/m.exec(output)?.[1] ?? 0), errors };
}

describe('many processes', () => {
  it('migrate one schema at once, each file once', { timeout: 120_000 }, async () => {
    const project = await database.project(FILES);
    const ends = await Promise.all(Array.from({ length: PROCESSES }, () => runToEnd(project)));
    expect(ends.filter(({ code }) => code !== 0).map(({ errors }) => errors)).toEqual([]);
    expect(ends.reduce((sum, { executed }) => sum + executed, 0)).toBe(MIGRATIONS);
    expect(await project.history()).toHaveLength(MIGRATIONS + 1);
    expect(await project.query('select count(*)::int from t1')).toEqual([2001]);
  });
});

describe('a process that is killed', () => {
  it('leaves a history that says what the schema is, at whatever point', { timeout: 180_000 }, async () => {
    let halfDone = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const project = await database.project(FILES);
      // Lines of the log: one for the connection, three before the first migration, one for each.
      const killedAt = 1 + Math.floor((round / ROUNDS) * (MIGRATIONS + 4));
      await killAfter(project, killedAt);
      await backendsGone(project);
      const before = await agreement(project);
      expect(before, `killed at line ${killedAt}`).toEqual(
        before.map(({ version }) => ({ version, agrees: true })),
      );
      const rows = await project.history().catch(() => []);
      if (rows.length > 0 && rows.length <= MIGRATIONS) halfDone++;
      await finish(project);
      expect(await project.history(), `killed at line ${killedAt}`).toHaveLength(MIGRATIONS + 1);
      expect(await project.query('select count(*)::int from t8')).toEqual([2001]);
    }
    // Killed in the middle, not before or after everything.
    expect(halfDone).toBeGreaterThan(ROUNDS / 3);
  });
});

async function killAfter(project: Project, lines: number): Promise<void> {
  const child = start(project);
  const closed = once(child, 'close');
  let seen = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line !== '') seen++;
    if (seen < lines) continue;
    // Somewhere within what comes next, not always at its beginning.
    for (let turn = Math.random() * 30; turn > 0; turn--)
      await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    break;
  }
  child.kill('SIGKILL');
  await closed;
}

/** The server notices that its client is gone when it next has something to say. */
async function backendsGone({ schema }: Project): Promise<void> {
  for (;;) {
    const { rows } = await database.client.query('select from pg_stat_activity where application_name = $1', [
      `migrate ${schema}`,
    ]);
    if (rows.length === 0) return;
  }
}

interface Agreement {
  readonly version: string;
  readonly agrees: boolean;
}

/** A successful row has its object, no row has none, a failed one may have it or not. */
async function agreement({ schema }: Project): Promise<readonly Agreement[]> {
  const { rows: there } = await database.client.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [`${schema}.flyway_schema_history`],
  );
  if (there[0]?.there !== true) return [];
  const { rows } = await database.client.query<Agreement>(
    `select n::text as version, coalesce(h.success = o.there or not h.success, not o.there) as agrees
     from generate_series(1, ${MIGRATIONS}) n
     cross join lateral (select to_regclass('${schema}.t' || n) is not null as there) o
     left join ${schema}.flyway_schema_history h on h.version = n::text`,
  );
  return rows;
}

/** As a person would: repair where a script outside a transaction was interrupted, then migrate. */
async function finish(project: Project): Promise<void> {
  const failed = await project.history().catch(() => []);
  if (failed.some((row) => row.endsWith(' f'))) {
    await project.run(repair);
    await database.client.query(`drop index if exists ${project.schema}.t${OUTSIDE}`);
  }
  await project.run(migrate);
}

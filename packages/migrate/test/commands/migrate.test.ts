import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { migrate, repair } from '../../src/index.ts';
import { lines, refusal } from '../support/files.ts';
import { connect, startDatabase } from './database.ts';
import type { Database } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

describe('what a migration leaves', () => {
  it('leaves nothing of a script that fails, and keeps those before it', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int);',
      'V2__b.sql': `${lines(3)}create table b (id int);\ninsert into nowhere values (1);`,
      'V3__c.sql': 'create table c (id int);',
    });
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      flywayCode: 'ERROR',
      file: 'V2__b.sql',
      line: 5,
      statement: 'insert into nowhere values (1)',
      sqlState: '42P01',
    });
    expect(error.message).toContain('Message    : ERROR: relation "nowhere" does not exist\n  Position: 13');
    expect(await project.history()).toEqual([`0 - SCHEMA "${project.schema}" t`, '1 1 SQL V1__a.sql t']);
    expect(await project.query("select to_regclass('b') is null")).toEqual([true]);
    await writeFile(join(project.directory, 'V2__b.sql'), 'create table b (id int);');
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 2, targetSchemaVersion: '3' });
  });

  it.each([
    ['a DO block', `do $$\nbegin\n  perform 1;\n  perform 1 / 0;\nend $$;`, 4, '22012'],
    ['data of COPY', 'create table t (id int);\ncopy t from stdin;\n1\nx\n\\.\n', 4, '22P02'],
    [
      'a deferred constraint',
      'create table t (id int unique deferrable initially deferred);\ninsert into t values (1), (1);',
      undefined,
      '23505',
    ],
    ['a syntax error', 'create table t (id int);\nselect 1;\nselect from from;', 3, '42601'],
  ])('names the line in %s', async (_, sql, line, sqlState) => {
    const project = await database.project({ 'V1__x.sql': sql });
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState });
    expect(error.line).toBe(line);
  });

  it('leaves the connection with its own role and search_path', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int); set search_path to public;',
    });
    const client = await connect(database.url);
    await client.query('set search_path = pg_catalog, public');
    await migrate(client, project.settings);
    const { rows } = await client.query('show search_path');
    expect(rows).toEqual([{ search_path: 'pg_catalog, public' }]);
    expect(client.getTransactionStatus()).toBe('I');
    await client.end();
  });

  it('takes BEGIN and COMMIT around a script for what they are', async () => {
    const project = await database.project({ 'V1__a.sql': 'begin;\ncreate table a (id int);\ncommit;\n' });
    await project.run(migrate);
    expect(
      await project.query('select xmin::text from flyway_schema_history where installed_rank = 1'),
    ).toEqual(await project.query("select xmin::text from pg_class where oid = 'a'::regclass"));
  });

  it('writes script and row in one transaction', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int)',
      'V2__b.sql': 'create table b (id int)',
    });
    await project.run(migrate);
    const rows =
      'select xmin::text from flyway_schema_history where installed_rank > 0 order by installed_rank';
    const tables =
      "select xmin::text from pg_class where oid in ('a'::regclass, 'b'::regclass) order by relname";
    expect(await project.query(rows)).toEqual(await project.query(tables));
  });

  it('goes on behind a script that throws prepared statements away', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`V${i + 1}__x.sql`, `create table t${i + 1} (id int);`]),
    );
    const project = await database.project({
      ...files,
      'V3__x.sql': 'deallocate all;',
      'V5__x.sql': 'discard all;',
      'V7__x.sql': 'discard plans;',
    });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 9 });
  });

  it('runs a script that neither statement nor comment ends', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int) -- the end',
      'V2__b.sql': '-- nothing at all',
      'V3__c.sql': 'insert into a values (1); /* the end */',
    });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 3 });
  });
});

describe('scripts outside a transaction', () => {
  it('keep a failed row, and name the index that is INVALID', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int); insert into a values (1), (1);',
      'V2__i.sql': 'create unique index concurrently i on a (id);',
    });
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '23505', file: 'V2__i.sql', line: 1 });
    expect(error.hint).toContain(`DROP INDEX CONCURRENTLY "${project.schema}"."i";`);
    expect((await project.history()).at(-1)).toBe('2 2 SQL V2__i.sql f');
    expect(await refusal(project.run(migrate))).toMatchObject({ code: 'MIGRATION_VALIDATION' });
    expect(await refusal(project.run(migrate, { validateOnMigrate: false }))).toMatchObject({
      code: 'MIGRATION_HISTORY_FAILED',
      message: `Schema "${project.schema}" contains a failed migration to version 2 !`,
    });
    const repaired = await project.run(repair);
    expect(repaired.warnings.join()).toContain(`DROP INDEX CONCURRENTLY "${project.schema}"."i";`);
    // A build that is skipped because the broken index has its name is no success to be silent about.
    await writeFile(
      join(project.directory, 'V2__i.sql'),
      'create unique index concurrently if not exists i on a (id);',
    );
    const again = await project.run(migrate);
    expect(again.warnings.join()).toContain('INVALID');
  });

  it.each([
    ['create index concurrently', 'create index concurrently i on a (id)'],
    ['drop index concurrently', 'drop index concurrently ia'],
    ['reindex concurrently', 'reindex (verbose, concurrently) table a'],
    ['reindex index concurrently', 'reindex index concurrently ia'],
    ['detach partition concurrently', 'alter table p detach partition p1 concurrently'],
    ['vacuum', 'vacuum (analyze) a'],
    ['discard all', 'discard all'],
  ])('%s needs no configuration', async (_, sql) => {
    const project = await database.project({
      'V1__a.sql':
        'create table a (id int); create index ia on a (id); create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (9);',
      'V2__x.sql': sql,
      'V3__c.sql': 'create table c (id int)',
    });
    expect(await project.run(migrate, { transactionalLock: true })).toMatchObject({ migrationsExecuted: 3 });
    expect(await project.query("select count(*)::int from pg_locks where locktype = 'advisory'")).toEqual([
      0,
    ]);
  });

  it('mixed scripts are refused, unless they are allowed', async () => {
    const files = { 'V1__a.sql': 'create table a (id int);\ncreate index concurrently i on a (id);' };
    const project = await database.project(files);
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({ code: 'MIGRATION_MIXED', line: 2 });
    expect(error.message).toBe(
      'Detected both transactional and non-transactional statements within the same migration (even though mixed is false). Offending statement found at line 2: create index concurrently i on a (id) [non-transactional]',
    );
    expect(await project.run(migrate, { mixed: true })).toMatchObject({ migrationsExecuted: 1 });
  });
});

describe('group', () => {
  it('is one transaction', async () => {
    const project = await database.project(
      { 'V1__a.sql': 'create table a (id int)', 'V2__b.sql': 'create table b (id int)' },
      { group: true },
    );
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 2 });
    expect(
      await project.query(
        'select count(distinct xmin::text)::int from flyway_schema_history where installed_rank > 0',
      ),
    ).toEqual([1]);
  });

  it('refuses both kinds of scripts', async () => {
    const project = await database.project(
      { 'V1__a.sql': 'create table a (id int)', 'V2__i.sql': 'create index concurrently i on a (id)' },
      { group: true },
    );
    const error = await refusal(project.run(migrate));
    expect(error.message).toBe(
      'Detected both transactional and non-transactional migrations within the same migration group (even though mixed is false). First offending migration: "2 i" [non-transactional]',
    );
    expect(await project.run(migrate, { mixed: true })).toMatchObject({ migrationsExecuted: 2 });
  });
});

describe('a lock that somebody holds', () => {
  it('is waited for, and the statement tried again', async () => {
    const project = await database.project(
      { 'V1__a.sql': 'create table a (id int)' },
      { lockTimeout: 50, lockTimeoutRetries: 5 },
    );
    await project.run(migrate);
    await writeFile(
      join(project.directory, 'V2__b.sql'),
      'create table b (id int); alter table a add column b int;',
    );
    await writeFile(join(project.directory, 'V3__c.sql'), 'create table c (id int)');
    const reader = await connect(database.url);
    await reader.query(`begin; lock table ${project.schema}.a in access share mode`);
    const running = project.run(migrate);
    await until(() => project.logs.some((line) => line.includes('tried again')));
    await reader.query('rollback');
    expect(await running).toMatchObject({ migrationsExecuted: 2 });
    await reader.end();
  });

  it('ends the command after as many tries as are allowed', async () => {
    const project = await database.project({ 'V1__a.sql': 'create table a (id int)' });
    await project.run(migrate);
    await writeFile(join(project.directory, 'V2__b.sql'), 'alter table a add column b int;');
    const reader = await connect(database.url);
    await reader.query(`begin; lock table ${project.schema}.a in access share mode`);
    const error = await refusal(project.run(migrate, { lockTimeout: 20, lockTimeoutRetries: 1 }));
    expect(error).toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT', sqlState: '55P03', file: 'V2__b.sql' });
    await reader.end();
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
  });
});

/** Waits for something that another connection brings about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

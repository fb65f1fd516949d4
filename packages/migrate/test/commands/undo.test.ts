import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { info, migrate, undo, validate } from '../../src/index.ts';
import { refusal } from '../support/files.ts';
import { startDatabase } from './database.ts';
import type { Database, Project } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const FILES = {
  'V1__a.sql': 'create table a (id int);',
  'V2__b.sql': 'alter table a add column b int;',
  'V3__c.sql': 'alter table a add column c int;',
  'U1__a.sql': 'drop table a;',
  'U2__b.sql': 'alter table a drop column b;',
  'U3__drop_c.sql': 'alter table a drop column c;',
  'R__v.sql': 'create or replace view v as select 1 as one;',
};

async function states(project: Project): Promise<string[]> {
  const { list } = await project.run(info);
  return list.entries.map(
    ({ rank, version, type, state }) => `${rank ?? '-'} ${version ?? '-'} ${type} ${state}`,
  );
}

describe('undo', () => {
  it('takes back the latest migration, and migrate brings it again', async () => {
    const project = await database.project(FILES);
    await project.run(migrate);
    const result = await project.run(undo);
    expect(result).toMatchObject({
      migrationsUndone: 1,
      initialSchemaVersion: '3',
      targetSchemaVersion: '2',
    });
    expect(result.undoneMigrations).toMatchObject([
      { version: '3', description: 'drop c', type: 'UNDO_SQL' },
    ]);
    expect((await project.history()).at(-1)).toBe('5 3 DELETE V3__c.sql t');
    expect(await states(project)).toContain('3 3 SQL DELETED');
    expect(await project.run(validate, { ignoreMigrationPatterns: ['*:pending'] })).toMatchObject({
      validationSuccessful: true,
    });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1, targetSchemaVersion: '3' });
    expect((await project.history()).at(-1)).toBe('6 3 SQL V3__c.sql t');
  });

  it('goes back to a target, which goes too, and never twice', async () => {
    const project = await database.project(FILES);
    await project.run(migrate);
    const result = await project.run(undo, { target: '2' });
    expect(result.undoneMigrations.map(({ version }) => version)).toEqual(['3', '2']);
    expect(await project.run(undo, { target: '2?' })).toMatchObject({ migrationsUndone: 0 });
    expect(await project.run(undo)).toMatchObject({ migrationsUndone: 1, targetSchemaVersion: null });
    expect(await project.run(undo)).toMatchObject({ migrationsUndone: 0 });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 3 });
  });

  it('writes the rows of Flyway’s paid edition where asked to', async () => {
    const project = await database.project(FILES, { undoRecord: 'undo-sql' });
    await project.run(migrate);
    await project.run(undo);
    expect((await project.history()).at(-1)).toBe('5 3 UNDO_SQL U3__drop_c.sql t');
    expect(await states(project)).toEqual(expect.arrayContaining(['3 3 SQL UNDONE', '- 3 SQL PENDING']));
    expect(await project.run(undo)).toMatchObject({ targetSchemaVersion: '1' });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 2 });
  });

  it('follows the order in which migrations were applied', async () => {
    const project = await database.project(
      {
        'V1__a.sql': 'create table a ()',
        'V3__c.sql': 'create table c ()',
        'U1__a.sql': 'drop table a',
        'U2__b.sql': 'drop table b',
        'U3__c.sql': 'drop table c',
      },
      { outOfOrder: true },
    );
    await project.run(migrate);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${project.directory}/V2__b.sql`, 'create table b ()');
    await project.run(migrate);
    const { undoneMigrations } = await project.run(undo, { target: '1' });
    expect(undoneMigrations.map(({ version }) => version)).toEqual(['2', '3', '1']);
  });

  it('leaves schema and history where its script fails', async () => {
    const project = await database.project({
      ...FILES,
      'U3__drop_c.sql': 'alter table a drop column c; select 1 / 0;',
    });
    await project.run(migrate);
    const before = await project.history();
    expect(await refusal(project.run(undo))).toMatchObject({
      code: 'MIGRATION_FAILED',
      file: 'U3__drop_c.sql',
    });
    expect(await project.history()).toEqual(before);
    expect(await project.query('select c from a')).toEqual([]);
  });

  it('is one transaction with group', async () => {
    const project = await database.project({ ...FILES, 'U2__b.sql': 'select 1 / 0;' }, { group: true });
    await project.run(migrate);
    const before = await project.history();
    await refusal(project.run(undo, { target: '1' }));
    expect(await project.history()).toEqual(before);
  });

  it('says which file is missing', async () => {
    const { 'U3__drop_c.sql': _, ...files } = FILES;
    const project = await database.project(files);
    await project.run(migrate);
    const error = await refusal(project.run(undo));
    expect(error).toMatchObject({ code: 'MIGRATION_UNDO_MISSING', file: 'V3__c.sql' });
    expect(error.hint).toContain('U3__description.sql');
    expect(await refusal(project.run(undo, { target: '77' }))).toMatchObject({
      code: 'MIGRATION_TARGET_MISSING',
    });
  });

  it('has nothing to do in an empty schema', async () => {
    const project = await database.project(FILES);
    expect(await project.run(undo)).toMatchObject({ migrationsUndone: 0, targetSchemaVersion: null });
  });
});

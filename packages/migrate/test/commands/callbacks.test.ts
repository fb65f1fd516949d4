import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { baseline, clean, info, migrate, repair, undo, validate } from '../../src/index.ts';
import type { MigrateError } from '../../src/index.ts';
import { refusal } from '../support/files.ts';
import { startDatabase } from './database.ts';
import type { Database } from './database.ts';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

const EVENTS = [
  'afterConnect',
  'createSchema',
  'beforeCreateSchema',
  ...['Migrate', 'Validate', 'Info', 'Repair', 'Baseline', 'Clean', 'Undo'].flatMap((verb) => [
    `before${verb}`,
    `after${verb}`,
    `after${verb}Error`,
  ]),
  ...['Migrate', 'MigrateStatement', 'Undo', 'UndoStatement'].flatMap((verb) => [
    `beforeEach${verb}`,
    `afterEach${verb}`,
    `afterEach${verb}Error`,
  ]),
  'afterMigrateApplied',
  'afterVersioned',
  'beforeRepeatables',
];

/** A table outside the schema, which every callback writes its event to. */
async function recorder(
  name: string,
): Promise<{ scripts: Record<string, string>; seen: () => Promise<string[]> }> {
  const table = `public.${name}`;
  await database.client.query(`create table ${table} (id int generated always as identity, event text)`);
  const scripts = EVENTS.map((event) => [
    `${event}.sql`,
    `insert into ${table} (event) values ('${event}');`,
  ]);
  return {
    scripts: Object.fromEntries(scripts) as Record<string, string>,
    async seen() {
      const { rows } = await database.client.query<{ event: string }>(
        `with gone as (delete from ${table} returning *) select event from gone order by id`,
      );
      return rows.map(({ event }) => event);
    },
  };
}

const EACH = [
  'beforeEachMigrate',
  'beforeEachMigrateStatement',
  'afterEachMigrateStatement',
  'afterEachMigrate',
];

describe('events', () => {
  it('come in Flyway’s order', async () => {
    const { scripts, seen } = await recorder('events_order');
    const project = await database.project({
      ...scripts,
      'V1__a.sql': 'create table a (id int);',
      'R__v.sql': 'create or replace view v as select 1 as one;',
      'U1__a.sql': 'drop table a;',
    });
    const created = ['afterConnect', 'createSchema', 'beforeCreateSchema', 'beforeMigrate'];
    await project.run(migrate);
    expect(await seen()).toEqual([
      ...created,
      ...EACH,
      'afterVersioned',
      'beforeRepeatables',
      ...EACH,
      'afterMigrateApplied',
      'afterMigrate',
    ]);
    const later = ['afterConnect', 'beforeValidate', 'afterValidate', ...created.slice(1)];
    await project.run(migrate);
    expect(await seen()).toEqual([...later, 'afterVersioned', 'afterMigrate']);
    await project.run(validate);
    expect(await seen()).toEqual(['afterConnect', 'beforeValidate', 'afterValidate']);
    await project.run(info);
    expect(await seen()).toEqual(['afterConnect', 'beforeInfo', 'afterInfo']);
    await project.run(repair);
    expect(await seen()).toEqual(['afterConnect', 'beforeRepair', 'afterRepair']);
    await project.run(undo);
    const each = ['beforeEachUndo', 'beforeEachUndoStatement', 'afterEachUndoStatement', 'afterEachUndo'];
    expect(await seen()).toEqual(['afterConnect', 'beforeUndo', ...each, 'afterUndo']);
    await refusal(project.run(baseline));
    expect(await seen()).toEqual([
      'afterConnect',
      'createSchema',
      'beforeCreateSchema',
      'beforeBaseline',
      'afterBaselineError',
    ]);
    await project.run(clean, { cleanDisabled: false });
    expect(await seen()).toEqual(['afterConnect', 'beforeClean', 'afterClean']);
  });

  it('of one name run by description, the one without first', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (step text);',
      'afterMigrate__b.sql': "insert into a values ('b');",
      'afterMigrate.sql': "insert into a values ('');",
      'afterMigrate__a.sql': "insert into a values ('a');",
    });
    await project.run(migrate);
    expect(await project.query('select step from a')).toEqual(['', 'a', 'b']);
  });

  it('around a migration are part of its transaction', async () => {
    const project = await database.project({
      'beforeEachMigrate.sql': 'create table before (id int);',
      'V1__a.sql': 'insert into before values (1); select 1 / 0;',
    });
    await refusal(project.run(migrate));
    expect(await project.query("select to_regclass('before') is null")).toEqual([true]);
  });

  it('do not run a script that is not to be executed', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int);',
      'afterMigrate.sql': 'select 1 / 0;',
      'afterMigrate.sql.conf': 'shouldExecute=false',
    });
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
  });
});

describe('error events', () => {
  it('run after the rollback, and can read what went wrong', async () => {
    const { scripts, seen } = await recorder('events_error');
    const project = await database.project({
      'afterEachMigrateError.sql': scripts['afterEachMigrateError.sql'] ?? '',
      'afterMigrateError.sql': `insert into public.events_error (event) select concat_ws('|', current_setting('migrate.error_sqlstate'),
        current_setting('migrate.error_file'), current_setting('migrate.error_line'), current_setting('migrate.error_code'));`,
      'V1__a.sql': 'create table a (id int);\nselect 1 / 0;',
    });
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '22012', callbackErrors: [] });
    expect(await seen()).toEqual(['afterEachMigrateError', '22012|V1__a.sql|2|MIGRATION_FAILED']);
  });

  it('that fail themselves are reported beside the error', async () => {
    const project = await database.project({
      'afterMigrateError.sql': 'select from nowhere;',
      'V1__a.sql': 'select 1 / 0;',
    });
    const error: MigrateError = await refusal(project.run(migrate));
    expect(error.sqlState).toBe('22012');
    expect(error.callbackErrors).toMatchObject([
      { code: 'MIGRATION_CALLBACK_FAILED', sqlState: '42P01', file: 'afterMigrateError.sql', line: 1 },
    ]);
  });

  it('of a callback that fails is the callback’s', async () => {
    const project = await database.project({
      'V1__a.sql': 'create table a (id int);',
      'beforeMigrate.sql': 'select\nnothing;',
    });
    const error = await refusal(project.run(migrate));
    expect(error).toMatchObject({
      code: 'MIGRATION_CALLBACK_FAILED',
      file: 'beforeMigrate.sql',
      line: 2,
      sqlState: '42703',
    });
    expect(error.message).toContain(
      'Error while executing beforeMigrate callback: Failed to execute script beforeMigrate.sql',
    );
    await writeFile(join(project.directory, 'beforeMigrate.sql'), 'select 1;');
    expect(await project.run(migrate)).toMatchObject({ migrationsExecuted: 1 });
  });
});

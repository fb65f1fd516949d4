import { symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadMigrations } from '../src/index.ts';
import { directoryOf, refusal, setOf } from './support/files.ts';

describe('loadMigrations', () => {
  it('orders versions by number and repeatables by description', async () => {
    const set = await setOf({
      'R__b.sql': '',
      'R__a.sql': '',
      'V10__x.sql': '',
      'deep/V2__x.sql': '',
      'V1.5__x.sql': '',
    });
    expect(set.migrations.map(({ script }) => script)).toEqual([
      'V1.5__x.sql',
      'deep/V2__x.sql',
      'V10__x.sql',
      'R__a.sql',
      'R__b.sql',
    ]);
    expect(set.schemaVersion).toBe('10');
  });

  it('lists what it sees and does not run', async () => {
    const set = await setOf({
      'V1__a.sql': '',
      'V1__a.sql.conf': 'placeholderReplacement=false',
      'U1__a.sql': '',
      'afterMigrate.sql': '',
      'rollback/1__drop.sql': '',
      '.hidden/V3__h.sql': '',
    });
    expect(set.migrations).toHaveLength(1);
    expect(set.ignored.map(({ script }) => script).toSorted()).toEqual([
      'U1__a.sql',
      'V1__a.sql.conf',
      'afterMigrate.sql',
      'rollback/1__drop.sql',
    ]);
  });

  it('the fingerprint is that of the text, not of the place', async () => {
    const a = await setOf({ 'V1__a.sql': 'select 1;' });
    const b = await setOf({ 'V1__a.sql': 'select 1;' });
    const c = await setOf({ 'V1__a.sql': 'select 2;' });
    expect(a.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(b.fingerprint).toBe(a.fingerprint);
    expect(c.fingerprint).not.toBe(a.fingerprint);
  });

  it('follows symbolic links, but not in circles', async () => {
    const directory = await directoryOf({ 'V1__a.sql': '', 'sub/V2__b.sql': '' });
    await symlink(directory, join(directory, 'sub/loop'));
    await symlink(join(directory, 'nowhere'), join(directory, 'dangling'));
    const set = await loadMigrations({ locations: [directory] });
    expect(set.migrations).toHaveLength(2);
  });

  it('takes several locations as one set', async () => {
    const one = await directoryOf({ 'V1__a.sql': '' });
    const two = await directoryOf({ 'V2__a.sql': '' });
    const set = await loadMigrations({ locations: [one, `filesystem:${two}`] });
    expect(set.migrations.map(({ version }) => version)).toEqual(['1', '2']);
  });
});

describe('a directory that cannot be used', () => {
  it('is missing', async () => {
    expect(await refusal(loadMigrations({ locations: ['/nowhere/at/all'] }))).toMatchObject({
      code: 'MIGRATIONS_MISSING',
      message: expect.stringContaining('/nowhere/at/all') as string,
    });
  });

  it('is a file', async () => {
    const directory = await directoryOf({ 'V1__a.sql': '' });
    const error = await refusal(loadMigrations({ locations: [join(directory, 'V1__a.sql')] }));
    expect(error.code).toBe('MIGRATIONS_MISSING');
  });

  it('has no migration', async () => {
    expect(await refusal(setOf({ 'readme.md': '' }))).toMatchObject({ code: 'MIGRATIONS_EMPTY' });
  });

  it('has bad names: all of them are named', async () => {
    const files = { 'V1__a.sql': '', 'V2_b.sql': '', 'v3__c.sql': '', '4__d.sql': '' };
    const error = await refusal(setOf(files));
    expect(error.code).toBe('MIGRATION_NAME_INVALID');
    for (const name of ['V2_b.sql', 'v3__c.sql', '4__d.sql']) expect(error.message).toContain(name);
    const set = await setOf(files, { validateMigrationNaming: false });
    expect(set.migrations).toHaveLength(1);
  });

  it('has a version twice, however it is spelled', async () => {
    const error = await refusal(setOf({ 'V1__a.sql': '', 'x/V1.0__b.sql': '' }));
    expect(error.code).toBe('MIGRATION_DUPLICATE_VERSION');
    expect(error.message).toContain('V1__a.sql');
    expect(error.message).toContain('V1.0__b.sql');
  });

  it('has a repeatable twice', async () => {
    expect(await refusal(setOf({ 'R__a.sql': '', 'x/R__a.sql': '' }))).toMatchObject({
      code: 'MIGRATION_DUPLICATE_REPEATABLE',
    });
  });

  it('has a file in another encoding', async () => {
    const error = await refusal(setOf({ 'V1__a.sql': Buffer.from("select 'h\xe9';", 'latin1') }));
    expect(error).toMatchObject({ code: 'MIGRATION_ENCODING', file: 'V1__a.sql' });
  });

  it('has a file with a NUL character', async () => {
    const error = await refusal(setOf({ 'V1__a.sql': 'select 1;\nselect \0;' }));
    expect(error).toMatchObject({ code: 'MIGRATION_ENCODING', file: 'V1__a.sql', line: 2 });
  });
});

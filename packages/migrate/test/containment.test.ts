import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyToEmptySchema } from '../src/index.ts';
import { asOwner, startCell } from './support/cell.ts';
import type { Cell } from './support/cell.ts';
import { applied, refusal, setOf } from './support/files.ts';

let cell: Cell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

/** Runs `sql` in a way no reader of the text can see through. */
const hidden = (sql: string) =>
  `do $x$ begin execute replace($y$${sql.replaceAll('r', '§')}$y$, '§', 'r'); end $x$;`;

async function refused(sql: string) {
  return refusal(
    applied(cell, {
      'V1__ok.sql': 'create table t (a int);',
      'V2__bad.sql': `\n${sql}`,
      'V3__ok.sql': 'select 1',
    }),
  );
}

describe('what leaves the schema at run time', () => {
  it.each([
    ['creates a table in public', 'create table public.x (a int)'],
    ['creates a schema', 'create schema elsewhere'],
    ['creates a role', 'create role elsewhere'],
    ['creates an extension', 'create extension hstore'],
    ['reads what is not its own', 'select * from pg_authid'],
    ['writes to extensions', 'create table extensions.x (a int)'],
  ])('%s', async (_, sql) => {
    const error = await refused(hidden(sql));
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V2__bad.sql',
      line: 2,
      sqlState: '42501',
    });
  });

  it('an object in a schema that happens to let everybody create is found and traced', async () => {
    await cell.superuser((client) => client.query('CREATE SCHEMA open; GRANT ALL ON SCHEMA open TO PUBLIC'));
    const bad = "do $$ begin execute 'create table ' || 'open' || '.escaped (a int)'; end $$";
    const error = await refused(bad);
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V2__bad.sql',
      line: 2,
      rule: 'outside',
    });
    expect(error.message).toContain('open.escaped');
    expect(
      await refused(
        bad.replace('table', 'function').replace('(a int)', '() returns int language sql return 1'),
      ),
    ).toMatchObject({
      rule: 'outside',
      file: 'V2__bad.sql',
    });
  });

  it.each([
    ['a table', 'grant select on t to public'],
    ['a column', 'grant select (a) on t to public'],
    ['a role that is none of the schema’s', 'grant select on t to tenants'],
    [
      'a function',
      'create function f() returns int language sql return 1; grant execute on function f() to public',
    ],
    ['the schema', 'grant usage on schema ${flyway:defaultSchema} to public'],
    ['defaults', 'alter default privileges grant select on tables to public'],
  ])('a privilege on %s', async (_, sql) => {
    expect(await refused(hidden(sql))).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      rule: 'foreign-grant',
    });
  });

  it('an object given to a role that the owner happens to be a member of', async () => {
    const give = "do $$ begin execute 'alter table t owner to ' || 'friend'; end $$";
    const set = await setOf({ 'V1__a.sql': 'create table t (a int);', 'V2__give.sql': give });
    const tenant = await cell.newSchema();
    await cell.superuser((client) =>
      client.query(
        `CREATE ROLE friend; GRANT friend TO ${tenant.owner}; GRANT CREATE, USAGE ON SCHEMA ${tenant.schema} TO friend`,
      ),
    );
    const work = asOwner(cell.client, tenant, () =>
      applyToEmptySchema(cell.client, set, { schema: tenant.schema }),
    );
    const error = await refusal(work);
    expect(error).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      rule: 'foreign-owner',
      file: 'V2__give.sql',
    });
    expect(error.message).toContain('belongs to friend');
  });

  it('a role or search_path that a block left changed, before the next file runs', async () => {
    const role = await refused(hidden('reset role'));
    expect(role).toMatchObject({ code: 'MIGRATION_LINT', file: 'V2__bad.sql', rule: 'session-role' });
    expect(role.message).toContain('role to control');
    const path = await refused(hidden('set search_path = public'));
    expect(path).toMatchObject({ code: 'MIGRATION_LINT', file: 'V2__bad.sql', rule: 'session-search-path' });
  });
});

describe('what is no escape', () => {
  it.each([
    [
      'temporary objects',
      'create temp table x (a int); create function pg_temp.f() returns int language sql return 1;',
    ],
    ['large objects', 'select lo_create(0);'],
    [
      'types, operators and the like of its own',
      `create type pair as (a int, b int); create domain d as int check (value > 0);
      create function add(pair, pair) returns pair language sql return $1; create operator + (leftarg = pair, rightarg = pair, function = add);
      create collation c (locale = 'C'); create statistics st (ndistinct) on a, b from (select 1) x;`.replace(
        / create statistics.*/,
        '',
      ),
    ],
    [
      'revoking from everybody',
      'create function f() returns int language sql security definer return 1; revoke all on function f() from public;',
    ],
    ['granting to the schema’s own user', 'grant truncate on t to ${flyway:defaultSchema};'],
    ['changing settings', "set statement_timeout = '5min'; set check_function_bodies = off;"],
  ])('%s', async (_, sql) => {
    const { revisions } = await applied(cell, { 'V1__ok.sql': 'create table t (a int);', 'V2__ok.sql': sql });
    expect(revisions).toHaveLength(2);
  });
});

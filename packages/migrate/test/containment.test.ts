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

describe('a function that leaves the owner’s role', () => {
  const leaving = (statement: string) =>
    `create function f() returns void language plpgsql as $$ begin ${statement}; create role evil; end $$;`;

  it.each([
    ['in its body', `${leaving('set local role none')} select f();`],
    ['by a call in its body', `${leaving("perform set_config('role', 'none', true)")} select f();`],
    [
      'by a setting of its own',
      `${leaving('perform 1')} alter function f() set role to control; select f();`,
    ],
    ['by the view of all settings', "update pg_settings set setting = 'none' where name = 'role';"],
    [
      'in the body of a procedure',
      `create procedure p() language plpgsql as $$ begin reset role; end $$; call p();`,
    ],
  ])('%s', async (_, sql) => {
    expect(await refused(sql)).toMatchObject({
      code: 'MIGRATION_LINT',
      rule: expect.stringMatching(/session-role|role-management/) as string,
      file: 'V2__bad.sql',
    });
    const { rows } = await cell.client.query("SELECT FROM pg_roles WHERE rolname = 'evil'");
    expect(rows).toEqual([]);
  });
});

it('what a deferred trigger does is checked, also where no text tells that it is deferred', async () => {
  await cell.superuser((client) => client.query('CREATE SCHEMA late; GRANT ALL ON SCHEMA late TO PUBLIC'));
  const error = await refused(
    `create function f() returns trigger language plpgsql as $$ begin execute 'create table ' || 'late' || '.x ()'; return null; end $$;
     do $$ begin execute 'create constraint trigger c after insert on t deferrable ini' || 'tially deferred for each row execute function f()'; end $$;
     insert into t values (1);`,
  );
  expect(error).toMatchObject({ code: 'MIGRATION_NOT_CONTAINED', rule: 'outside', file: 'V2__bad.sql' });
});

describe('what hangs on the history table', () => {
  const onHistory = (sql: string) => sql.replaceAll('HISTORY', 'flyway_schema_history');
  const trigger = (body: string, rest: string) =>
    onHistory(
      `create function f() returns trigger language plpgsql as $$ begin ${body} end $$; create ${rest} execute function f();`,
    );

  it.each([
    [
      'a trigger that escapes',
      trigger("execute 'create table ' || 'trig.x ()'; return new;", 'trigger g after insert on HISTORY'),
    ],
    [
      'a trigger that keeps rows out',
      trigger('return null;', 'trigger g before insert on HISTORY for each row'),
    ],
    ['a trigger that fails', trigger("raise exception 'no';", 'trigger g before insert on HISTORY')],
    [
      'a deferred trigger',
      trigger(
        'return null;',
        'constraint trigger g after insert on HISTORY deferrable initially deferred for each row',
      ),
    ],
    ['a rule', onHistory('create rule g as on insert to HISTORY do also delete from t;')],
    ['a rule that keeps rows out', onHistory('create rule g as on insert to HISTORY do instead nothing;')],
    ['a policy', onHistory('create policy g on HISTORY using (true);')],
    ['row security', onHistory('alter table HISTORY enable row level security;')],
    ['a column', onHistory('alter table HISTORY add g int;')],
    ['a column that must be given', onHistory('alter table HISTORY add g int not null;')],
    ['a type', onHistory('alter table HISTORY alter version type text;')],
    ['a check', onHistory('alter table HISTORY add constraint g check (installed_rank > 0);')],
    ['an index of an expression', onHistory('create index g on HISTORY (lower(script));')],
    ['another name', onHistory('alter table HISTORY rename to g;')],
    ['a drop', onHistory('drop table HISTORY;')],
    ['a view', onHistory('alter table HISTORY rename to g; create view HISTORY as select * from g;')],
  ])('%s', async (_, sql) => {
    expect(await refused(sql)).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      rule: 'history',
      file: 'V2__bad.sql',
      line: 2,
      hint: expect.stringContaining('history') as string,
    });
  });
});

describe('what the owner may lend', () => {
  it('a large object', async () => {
    expect(
      await refused(hidden('select lo_create(4711); grant select on large object 4711 to public')),
    ).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      rule: 'foreign-grant',
    });
    expect(
      await refused(hidden('select lo_create(4712); grant select on large object 4712 to tenants')),
    ).toMatchObject({
      rule: 'foreign-grant',
    });
  });

  it('the login of its tenant, where it administers it', async () => {
    const tenant = await cell.newSchema();
    await cell.superuser((client) =>
      client.query(
        `CREATE ROLE borrower; GRANT ${tenant.schema} TO ${tenant.owner} WITH ADMIN TRUE, INHERIT FALSE`,
      ),
    );
    const set = await setOf({
      'V1__lend.sql': `do $$ begin execute 'grant ' || '${tenant.schema}' || ' to borrower'; end $$`,
    });
    const error = await refusal(
      asOwner(cell.client, tenant, () => applyToEmptySchema(cell.client, set, { schema: tenant.schema })),
    );
    expect(error).toMatchObject({ code: 'MIGRATION_NOT_CONTAINED', rule: 'lent-role', file: 'V1__lend.sql' });
    expect(error.message).toContain(`the role ${tenant.schema} was granted to borrower`);
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

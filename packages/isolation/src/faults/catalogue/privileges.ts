import { family, type Fault } from '../fault.ts';
import { peopleOf } from './relations.ts';

const schemas = family('schemas', 'schemas', ['privilege.', 'role.', 'registry.']);
const routines = family('routines', 'routines', ['privilege.']);
const types = family('types', 'types', ['privilege.']);
const largeObjects = family('large objects', 'large-objects');

const idOf = (name: string) => name.replaceAll(/[{}]/g, '').replaceAll('_', '-').toLowerCase();
const strangers = [
  'PUBLIC',
  '{a}',
  '{a_owner}',
  '{slot}',
  '{broker}',
  '{group}',
  '{owners}',
  '{slots}',
  '{registrar}',
] as const;

export const privilegeFaults: readonly Fault[] = [
  ...strangers.flatMap((who) =>
    (['USAGE', 'CREATE'] as const).map((privilege) =>
      schemas(
        `${privilege.toLowerCase()}.${idOf(who)}`,
        `${privilege} on a tenant’s schema for ${peopleOf[who]!}`,
        `GRANT ${privilege} ON SCHEMA {b} TO ${who}`,
        `schema {b}: ${privilege} for ${who}`,
        { rights: true },
      ),
    ),
  ),
  schemas(
    'create.own',
    'a tenant’s login may create in its own schema',
    'GRANT CREATE ON SCHEMA {b} TO {b}',
    'schema {b}: CREATE for {b}',
    { rights: true },
  ),
  schemas(
    'grant-option',
    'a tenant’s login may let others into its schema',
    'GRANT USAGE ON SCHEMA {b} TO {b} WITH GRANT OPTION',
    'schema {b}: USAGE for {b}',
    { rights: true },
  ),
  schemas(
    'reader-unknown',
    'a login that is called like a reader, has an end and reads a tenant for good',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5 VALID UNTIL '2199-01-01'; GRANT USAGE ON SCHEMA {b} TO tenantry_reader_aaaaaaaaaaaa`,
    'role tenantry_reader_aaaaaaaaaaaa',
  ),
  schemas(
    'reader-writes',
    'a reader that may write',
    `CREATE ROLE tenantry_reader_aaaaaaaaaaaa LOGIN NOINHERIT CONNECTION LIMIT 5; GRANT USAGE ON SCHEMA {b} TO tenantry_reader_aaaaaaaaaaaa; GRANT SELECT, INSERT ON {b}.fault_notes TO tenantry_reader_aaaaaaaaaaaa;
     DO $$ BEGIN EXECUTE format('ALTER ROLE tenantry_reader_aaaaaaaaaaaa VALID UNTIL %L', now() + interval '1 hour'); END $$`,
    'table {b}.fault_notes: INSERT for tenantry_reader_aaaaaaaaaaaa',
  ),
  schemas(
    'usage-gone',
    'a tenant’s login may not use its schema any more',
    'REVOKE USAGE ON SCHEMA {b} FROM {b}',
    '{b}',
  ),
  ...(
    [
      ['function', 'FUNCTION {b}.fault_shout(text)', '{b}.fault_shout(text)'],
      ['procedure', 'PROCEDURE {b}.fault_touch()', '{b}.fault_touch()'],
      ['aggregate', 'FUNCTION {b}.fault_total(int)', '{b}.fault_total(integer)'],
      ['trigger-function', 'FUNCTION {b}.fault_stamp()', '{b}.fault_stamp()'],
    ] as const
  ).flatMap(([kind, object, name]) =>
    ['PUBLIC', '{a}'].map((who) =>
      routines(
        `execute.${kind}.${idOf(who)}`,
        `EXECUTE on a ${kind.replace('-', ' ')} for ${peopleOf[who]!}`,
        `GRANT EXECUTE ON ${object} TO ${who}`,
        `function ${name}: EXECUTE for ${who}`,
        { rights: true },
      ),
    ),
  ),
  ...['{slot}', '{broker}', '{group}', '{a_owner}'].map((who) =>
    routines(
      `execute.function.${idOf(who)}`,
      `EXECUTE on a function for ${peopleOf[who]!}`,
      `GRANT EXECUTE ON FUNCTION {b}.fault_shout(text) TO ${who}`,
      `function {b}.fault_shout(text): EXECUTE for ${who}`,
      { rights: true },
    ),
  ),
  routines(
    'grant-option',
    'a tenant’s login may hand its EXECUTE on',
    'GRANT EXECUTE ON FUNCTION {b}.fault_shout(text) TO {b} WITH GRANT OPTION',
    'function {b}.fault_shout(text): EXECUTE for {b}',
  ),
  routines(
    'born-public',
    'a function that a superuser makes for a tenant, with what PostgreSQL gives to everybody',
    `CREATE FUNCTION {b}.fault_new() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION {b}.fault_new() OWNER TO {b_owner}`,
    'function {b}.fault_new(): EXECUTE for PUBLIC',
    { rights: true },
  ),
  ...(
    [
      ['enum', '{b}.fault_mood'],
      ['composite', '{b}.fault_pair'],
      ['domain', '{b}.fault_tag'],
    ] as const
  ).flatMap(([kind, name]) =>
    ['PUBLIC', '{a}'].map((who) =>
      types(
        `usage.${kind}.${idOf(who)}`,
        `USAGE on ${kind === 'enum' ? 'an' : 'a'} ${kind} type for ${peopleOf[who]!}`,
        `GRANT USAGE ON TYPE ${name} TO ${who}`,
        `type ${name}: USAGE for ${who}`,
        { rights: true },
      ),
    ),
  ),
  ...(
    [
      ['enum', `ENUM ('x')`],
      ['composite', '(x int)'],
    ] as const
  ).map(([kind, is]) =>
    types(
      `born-public.${kind}`,
      `${kind === 'enum' ? 'an' : 'a'} ${kind} type that a superuser makes for a tenant, with what PostgreSQL gives to everybody`,
      `CREATE TYPE {b}.fault_new AS ${is}; ALTER TYPE {b}.fault_new OWNER TO {b_owner}`,
      'type {b}.fault_new: USAGE for PUBLIC',
      { rights: true },
    ),
  ),
  types(
    'usage.row-type',
    'USAGE on the row type of a table for another tenant',
    'GRANT USAGE ON TYPE {b}.fault_notes TO {a}',
    '{b}.fault_notes: USAGE for {a}',
  ),
  types(
    'grant-option',
    'a tenant’s login may hand its USAGE on a type on',
    'GRANT USAGE ON TYPE {b}.fault_mood TO {b} WITH GRANT OPTION',
    'type {b}.fault_mood: USAGE for {b}',
  ),
  ...(
    [
      ['public.select', 'SELECT', 'PUBLIC', '{b_owner}'],
      ['public.update', 'UPDATE', 'PUBLIC', '{b_owner}'],
      ['tenant.select', 'SELECT', '{a}', '{b}'],
      ['tenant.update', 'UPDATE', '{a}', '{b}'],
      ['slot.select', 'SELECT', '{slot}', '{b}'],
    ] as const
  ).map(([id, privilege, who, owner]) =>
    largeObjects(
      id,
      `${privilege} on a large object of a tenant for ${peopleOf[who]!}`,
      `SELECT lo_create(424242); ALTER LARGE OBJECT 424242 OWNER TO ${owner}; GRANT ${privilege} ON LARGE OBJECT 424242 TO ${who}`,
      `large object 424242: ${privilege} for ${who}`,
      { rights: true },
    ),
  ),
  largeObjects(
    'control',
    'a large object of the control role',
    'SET LOCAL ROLE {control}; SELECT lo_create(424242); RESET ROLE',
    'large objects of {control}',
  ),
  largeObjects('superuser', 'a large object of a superuser', 'SELECT lo_create(424242)', 'large objects of'),
  largeObjects(
    'superuser-public',
    'a large object of a superuser that everybody reads',
    'SELECT lo_create(424242); GRANT SELECT ON LARGE OBJECT 424242 TO PUBLIC',
    'large object 424242: SELECT for PUBLIC',
    { rights: true },
  ),
  largeObjects(
    'slot',
    'a large object that a slot has made as itself',
    'SELECT lo_create(424242); ALTER LARGE OBJECT 424242 OWNER TO {slot}',
    'large objects of {slot}',
  ),
];

import { family, type Fault } from '../fault.ts';

const owners = family('owners', 'owners', ['owner.', 'shared.', 'catalog.']);
const dependencies = family('dependencies', 'dependencies', ['dependency.', 'code.', 'owner.']);

const between = dependencies;

export const structureFaults: readonly Fault[] = [
  ...(
    [
      ['table', 'TABLE {b}.fault_notes', '{b}.fault_notes'],
      ['view', 'VIEW {b}.fault_view', '{b}.fault_view'],
      ['materialized-view', 'MATERIALIZED VIEW {b}.fault_counts', '{b}.fault_counts'],
      ['sequence', 'SEQUENCE {b}.fault_seq', '{b}.fault_seq'],
      ['partition', 'TABLE {b}.fault_events_2026', '{b}.fault_events_2026'],
      ['type', 'TYPE {b}.fault_mood', '{b}.fault_mood'],
      ['composite', 'TYPE {b}.fault_pair', '{b}.fault_pair'],
      ['domain', 'DOMAIN {b}.fault_tag', '{b}.fault_tag'],
      ['function', 'FUNCTION {b}.fault_shout(text)', '{b}.fault_shout'],
      ['procedure', 'PROCEDURE {b}.fault_touch()', '{b}.fault_touch'],
      ['aggregate', 'AGGREGATE {b}.fault_total(int)', '{b}.fault_total'],
    ] as const
  ).map(([id, object, names]) =>
    owners(
      `${id}.other`,
      `a ${id.replace('-', ' ')} of one tenant belongs to another`,
      `ALTER ${object} OWNER TO {a_owner}`,
      names,
    ),
  ),
  ...['{b}', '{control}', 'CURRENT_USER', '{slot}', '{group}'].map((who) =>
    owners(
      `table.${who === 'CURRENT_USER' ? 'superuser' : who.replaceAll(/[{}]/g, '')}`,
      `a tenant’s table belongs to ${{ '{b}': 'its login', '{control}': 'the control role', CURRENT_USER: 'the superuser', '{slot}': 'a slot', '{group}': 'the group of all tenants' }[who]!}`,
      `ALTER TABLE {b}.fault_notes OWNER TO ${who}`,
      '{b}.fault_notes',
    ),
  ),
  owners(
    'table.second',
    'two of a tenant’s tables belong to the superuser: the second is named as well',
    'ALTER TABLE {b}.fault_notes OWNER TO CURRENT_USER; ALTER TABLE {b}.fault_events_2026 OWNER TO CURRENT_USER',
    '{b}.fault_events_2026',
  ),
  owners(
    'table.made-by-superuser',
    'a superuser has made a table for a tenant',
    'CREATE TABLE {b}.fault_oops (a int)',
    '{b}.fault_oops',
  ),
  owners(
    'index.made-by-superuser',
    'a superuser has made a function for a tenant',
    `CREATE FUNCTION {b}.fault_oops() RETURNS int LANGUAGE sql RETURN 1; REVOKE ALL ON FUNCTION {b}.fault_oops() FROM PUBLIC`,
    '{b}.fault_oops',
  ),
  ...(
    [
      ['operator', 'CREATE OPERATOR {b}.@=@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)', '@=@'],
      ['operator-family', 'CREATE OPERATOR FAMILY {b}.fault_family USING btree', 'fault_family'],
      [
        'operator-class',
        'CREATE OPERATOR CLASS {b}.fault_class FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int)',
        'fault_class',
      ],
      ['collation', 'CREATE COLLATION {b}.fault_collation FROM "C"', 'fault_collation'],
      [
        'conversion',
        `CREATE CONVERSION {b}.fault_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8`,
        'fault_conversion',
      ],
      [
        'statistics',
        'CREATE STATISTICS {b}.fault_statistics ON id, amount FROM {b}.fault_notes',
        'fault_statistics',
      ],
      [
        'text-search-configuration',
        'CREATE TEXT SEARCH CONFIGURATION {b}.fault_search (COPY = pg_catalog.simple)',
        'fault_search',
      ],
      [
        'text-search-dictionary',
        'CREATE TEXT SEARCH DICTIONARY {b}.fault_dictionary (TEMPLATE = pg_catalog.simple)',
        'fault_dictionary',
      ],
      [
        'text-search-parser',
        'CREATE TEXT SEARCH PARSER {b}.fault_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)',
        'fault_parser',
      ],
      [
        'text-search-template',
        'CREATE TEXT SEARCH TEMPLATE {b}.fault_template (INIT = dsimple_init, LEXIZE = dsimple_lexize)',
        'fault_template',
      ],
      ['range', 'CREATE TYPE {b}.fault_range AS RANGE (SUBTYPE = int)', 'fault_range'],
    ] as const
  ).map(([id, sql, names]) =>
    owners(`${id}.superuser`, `a superuser’s ${id.replaceAll('-', ' ')} in a tenant’s schema`, sql, names),
  ),
  owners(
    'schema.other-owner',
    'a tenant’s schema belongs to another’s owner',
    'ALTER SCHEMA {b} OWNER TO {a_owner}',
    'schema {b}',
    { rights: true },
  ),
  owners(
    'schema.login',
    'a tenant’s schema belongs to its login',
    'ALTER SCHEMA {b} OWNER TO {b}',
    'schema {b}',
    { rights: true },
  ),
  owners(
    'schema.other-login',
    'a tenant’s schema belongs to another’s login',
    'ALTER SCHEMA {b} OWNER TO {a}',
    'schema {b}',
    { rights: true },
  ),
  owners(
    'schema.control',
    'a tenant’s schema belongs to the control role',
    'ALTER SCHEMA {b} OWNER TO {control}',
    'schema {b}',
  ),
  owners(
    'schema.superuser',
    'a tenant’s schema belongs to the superuser',
    'ALTER SCHEMA {b} OWNER TO CURRENT_USER',
    'schema {b}',
  ),
  owners(
    'schema.group',
    'a tenant’s schema belongs to the group of owners',
    'ALTER SCHEMA {b} OWNER TO {owners}',
    'schema {b}',
    { rights: true },
  ),
  ...(
    [
      ['extensions', 'ALTER SCHEMA extensions OWNER TO {a_owner}'],
      ['public', 'ALTER SCHEMA public OWNER TO {a}'],
      ['tenantry_lease', 'ALTER SCHEMA tenantry_lease OWNER TO {broker}'],
      ['pg_catalog', 'ALTER SCHEMA pg_catalog OWNER TO {control}'],
      ['information_schema', 'ALTER SCHEMA information_schema OWNER TO {a}'],
    ] as const
  ).map(([name, sql]) =>
    owners(
      `schema.shared.${name.replaceAll('_', '-')}`,
      `the schema ${name} belongs to somebody else`,
      sql,
      `schema ${name}`,
    ),
  ),
  between(
    'view',
    'a view of one tenant reads another',
    'CREATE VIEW {a}.fault_v AS SELECT * FROM {b}.fault_notes; ALTER VIEW {a}.fault_v OWNER TO {a_owner}',
    '{a}.fault_v',
  ),
  between(
    'materialized-view',
    'a materialized view of one tenant copies another',
    'CREATE MATERIALIZED VIEW {a}.fault_v AS SELECT * FROM {b}.fault_notes; ALTER MATERIALIZED VIEW {a}.fault_v OWNER TO {a_owner}',
    '{a}.fault_v',
  ),
  between(
    'rule',
    'a rule of one tenant writes into another',
    'CREATE RULE fault_rule AS ON INSERT TO {a}.fault_notes DO ALSO INSERT INTO {b}.fault_notes (secret) VALUES (NEW.secret)',
    'fault_rule',
  ),
  between(
    'foreign-key',
    'a foreign key from one tenant to another',
    'ALTER TABLE {a}.fault_notes ADD CONSTRAINT fault_fk FOREIGN KEY (amount) REFERENCES {b}.fault_notes (id) NOT VALID',
    'fault_fk',
  ),
  between(
    'trigger',
    'a trigger of one tenant calls a function of another',
    'CREATE TRIGGER fault_trigger BEFORE INSERT ON {b}.fault_notes FOR EACH ROW EXECUTE FUNCTION {a}.fault_stamp()',
    'fault_trigger',
  ),
  between(
    'default',
    'a default uses another tenant’s sequence',
    `ALTER TABLE {a}.fault_notes ALTER COLUMN amount SET DEFAULT nextval('{b}.fault_seq')`,
    '{a}',
  ),
  between(
    'default-text',
    'a default names another tenant’s sequence in a text',
    `ALTER TABLE {a}.fault_notes ALTER COLUMN amount SET DEFAULT nextval('{b}.fault_seq'::text)`,
    '{a}',
  ),
  between(
    'generated',
    'a generated column calls another tenant’s function',
    'ALTER TABLE {a}.fault_notes ADD COLUMN loud text GENERATED ALWAYS AS ({b}.fault_shout(secret)) STORED',
    '{a}',
  ),
  between(
    'generated-virtual',
    'a virtual generated column calls a function by a text',
    `CREATE FUNCTION {a}.fault_rel(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '{b}.fault_notes'::text $$; ALTER FUNCTION {a}.fault_rel(text) OWNER TO {a_owner}; REVOKE ALL ON FUNCTION {a}.fault_rel(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION {a}.fault_rel(text) TO {a}`,
    '{a}.fault_rel',
  ),
  between(
    'index-expression',
    'an index of one tenant calls another’s function',
    'CREATE INDEX fault_index ON {a}.fault_notes ({b}.fault_shout(secret))',
    'fault_index',
  ),
  between(
    'index-predicate',
    'a partial index of one tenant calls another’s function',
    `GRANT USAGE ON SCHEMA {b} TO {a_owner}; GRANT EXECUTE ON FUNCTION {b}.fault_shout(text) TO {a_owner}; CREATE INDEX fault_index ON {a}.fault_notes (id) WHERE {b}.fault_shout(secret) = 'X'`,
    'fault_index',
  ),
  between(
    'check',
    'a check of one tenant calls another’s function',
    `ALTER TABLE {a}.fault_notes ADD CONSTRAINT fault_check CHECK ({b}.fault_shout(secret) <> '')`,
    'fault_check',
  ),
  between(
    'domain-check',
    'a domain of one tenant calls another’s function',
    `CREATE DOMAIN {a}.fault_d AS text CHECK ({b}.fault_shout(VALUE) <> ''); ALTER DOMAIN {a}.fault_d OWNER TO {a_owner}; REVOKE ALL ON DOMAIN {a}.fault_d FROM PUBLIC`,
    '{a}',
  ),
  between(
    'domain-base',
    'a domain of one tenant is made of another’s',
    'CREATE DOMAIN {a}.fault_d AS {b}.fault_tag; ALTER DOMAIN {a}.fault_d OWNER TO {a_owner}',
    'fault_d',
  ),
  between(
    'column-type',
    'a column of one tenant has a type of another',
    'ALTER TABLE {a}.fault_notes ADD COLUMN mood {b}.fault_mood',
    '{a}',
  ),
  between(
    'column-array',
    'a column of one tenant has an array of another’s type',
    'ALTER TABLE {a}.fault_notes ADD COLUMN moods {b}.fault_mood[]',
    '{a}',
  ),
  between(
    'row-type',
    'a typed table of one tenant is made of another’s type',
    'CREATE TABLE {a}.fault_typed OF {b}.fault_pair; ALTER TABLE {a}.fault_typed OWNER TO {a_owner}',
    'fault_typed',
  ),
  between(
    'argument-type',
    'a function of one tenant takes another’s type',
    'CREATE FUNCTION {a}.fault_f({b}.fault_mood) RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION {a}.fault_f({b}.fault_mood) OWNER TO {a_owner}',
    'fault_f',
  ),
  between(
    'function-body',
    'a parsed function of one tenant reads another',
    'CREATE FUNCTION {a}.fault_f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM {b}.fault_notes; END; ALTER FUNCTION {a}.fault_f() OWNER TO {a_owner}',
    'fault_f',
  ),
  between(
    'function-default',
    'a default of an argument calls another tenant’s function',
    `CREATE FUNCTION {a}.fault_f(x text DEFAULT {b}.fault_shout('x')) RETURNS text LANGUAGE sql RETURN x; ALTER FUNCTION {a}.fault_f(text) OWNER TO {a_owner}`,
    'fault_f',
  ),
  between(
    'inheritance',
    'a table of one tenant is a child of another’s',
    'CREATE TABLE {a}.fault_kid () INHERITS ({b}.fault_notes); ALTER TABLE {a}.fault_kid OWNER TO {a_owner}',
    'fault_kid',
  ),
  between(
    'partition',
    'a table of one tenant is a partition of another’s',
    `CREATE TABLE {a}.fault_part (at date NOT NULL, note int); ALTER TABLE {a}.fault_part OWNER TO {a_owner}; ALTER TABLE {b}.fault_events ATTACH PARTITION {a}.fault_part FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')`,
    'fault_part',
  ),
  between(
    'partition-expression',
    'a partition key of one tenant calls another’s function',
    'CREATE TABLE {a}.fault_parted (x text) PARTITION BY LIST ({b}.fault_shout(x)); ALTER TABLE {a}.fault_parted OWNER TO {a_owner}',
    'fault_parted',
  ),
  between(
    'policy',
    'a policy of one tenant reads another',
    'CREATE POLICY fault_policy ON {a}.fault_notes USING (EXISTS (SELECT FROM {b}.fault_notes))',
    'fault_policy',
  ),
  between(
    'policy-check',
    'a policy of one tenant checks against another',
    'CREATE POLICY fault_policy ON {a}.fault_notes FOR INSERT WITH CHECK (EXISTS (SELECT FROM {b}.fault_notes))',
    'fault_policy',
  ),
  between(
    'policy-role',
    'a policy of one tenant is for another',
    'CREATE POLICY fault_policy ON {b}.fault_notes TO {a} USING (true)',
    'fault_policy',
  ),
  between(
    'policy-slot',
    'a policy of a tenant is for a slot',
    'CREATE POLICY fault_policy ON {b}.fault_notes TO {slot} USING (true)',
    'fault_policy',
  ),
  between(
    'statistics',
    'statistics of one tenant’s table lie in another’s schema',
    'CREATE STATISTICS {a}.fault_statistics ON id, amount FROM {b}.fault_notes; ALTER STATISTICS {a}.fault_statistics OWNER TO {b_owner}',
    'fault_statistics',
  ),
  between(
    'statistics-expression',
    'statistics of one tenant call another’s function',
    'CREATE STATISTICS {a}.fault_statistics ON ({b}.fault_shout(secret)) FROM {a}.fault_notes; ALTER STATISTICS {a}.fault_statistics OWNER TO {a_owner}',
    'fault_statistics',
  ),
  between(
    'operator',
    'an operator of one tenant calls another’s function',
    'CREATE FUNCTION {b}.fault_eq(int, int) RETURNS bool LANGUAGE sql IMMUTABLE RETURN $1 = $2; ALTER FUNCTION {b}.fault_eq(int, int) OWNER TO {b_owner}; CREATE OPERATOR {a}.@=@ (LEFTARG = int, RIGHTARG = int, FUNCTION = {b}.fault_eq)',
    '@=@',
  ),
  between(
    'collation',
    'a column of one tenant has a collation of another',
    'CREATE COLLATION {b}.fault_collation FROM "C"; ALTER COLLATION {b}.fault_collation OWNER TO {b_owner}; ALTER TABLE {a}.fault_notes ADD COLUMN far text COLLATE {b}.fault_collation',
    '{a}',
  ),
  between(
    'sequence-owned',
    'a sequence of one tenant hangs on a column of another',
    'CREATE SEQUENCE {a}.fault_s; ALTER SEQUENCE {a}.fault_s OWNER TO {b_owner}; ALTER TABLE {a}.fault_s OWNER TO {b_owner}',
    'fault_s',
  ),
  between(
    'moved',
    'a table was moved into another tenant’s schema',
    'CREATE TABLE {b}.fault_moved (x int); ALTER TABLE {b}.fault_moved OWNER TO {b_owner}; ALTER TABLE {b}.fault_moved SET SCHEMA {a}',
    'fault_moved',
  ),
  between(
    'moved-function',
    'a function was moved into another tenant’s schema',
    `CREATE FUNCTION {b}.fault_moved() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION {b}.fault_moved() OWNER TO {b_owner}; ALTER FUNCTION {b}.fault_moved() SET SCHEMA {a}`,
    'fault_moved',
  ),
  between(
    'shared-view',
    'a view outside reads a tenant',
    'CREATE VIEW public.fault_all AS SELECT * FROM {b}.fault_notes',
    'public.fault_all',
  ),
  between(
    'shared-view-granted',
    'a view outside reads a tenant, and everybody may read it',
    'CREATE VIEW extensions.fault_all AS SELECT * FROM {b}.fault_notes; GRANT SELECT ON extensions.fault_all TO PUBLIC',
    'extensions.fault_all',
  ),
  between(
    'shared-function',
    'a function outside reads a tenant',
    'CREATE FUNCTION extensions.fault_f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM {b}.fault_notes; END',
    'extensions.fault_f',
  ),
  between(
    'shared-trigger',
    'a trigger of a tenant calls a function outside',
    `CREATE FUNCTION public.fault_spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER fault_trigger BEFORE INSERT ON {b}.fault_notes FOR EACH ROW EXECUTE FUNCTION public.fault_spy()`,
    'fault_trigger',
  ),
  between(
    'shared-key',
    'a foreign key of a tenant leads outside',
    'CREATE TABLE public.fault_c (i int PRIMARY KEY); ALTER TABLE {a}.fault_notes ADD CONSTRAINT fault_fk FOREIGN KEY (amount) REFERENCES public.fault_c (i) NOT VALID',
    'fault_fk',
  ),
  between(
    'shared-type',
    'a column of a tenant has a type from outside',
    `CREATE TYPE public.fault_mood AS ENUM ('x'); ALTER TABLE {a}.fault_notes ADD COLUMN mood public.fault_mood`,
    '{a}',
  ),
  between(
    'catalog-trigger',
    'a trigger of a tenant runs a statement for another',
    'CREATE TRIGGER fault_trigger AFTER INSERT ON {b}.fault_notes FOR EACH STATEMENT EXECUTE FUNCTION {a}.fault_stamp()',
    'fault_trigger',
  ),
];

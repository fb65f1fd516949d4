import { family, type Fault } from '../fault.ts';

const code = family('code', 'code', ['code.']);

/** A function of tenant a that its migrations might have made: owned, granted and closed as all of them. */
function own(name: string, definition: string, args = ''): string {
  return `CREATE FUNCTION {a}.${name}(${args}) ${definition}; ALTER FUNCTION {a}.${name} OWNER TO {a_owner}; REVOKE ALL ON FUNCTION {a}.${name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {a}.${name} TO {a}`;
}

const body = (text: string) => `RETURNS void LANGUAGE plpgsql AS $f$ BEGIN ${text} END $f$`;

export const codeFaults: readonly Fault[] = [
  code(
    'definer',
    'a SECURITY DEFINER function of a tenant',
    own(
      'fault_f',
      'RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = {a} AS $f$ SELECT count(*) FROM fault_notes $f$',
    ),
    '{a}.fault_f()',
  ),
  code(
    'definer-procedure',
    'a SECURITY DEFINER procedure of a tenant',
    'ALTER PROCEDURE {b}.fault_touch() SECURITY DEFINER',
    '{b}.fault_touch()',
  ),
  code(
    'definer-superuser',
    'a superuser’s SECURITY DEFINER function in a tenant’s schema',
    'CREATE FUNCTION {a}.fault_f(q text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $f$ DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END $f$',
    '{a}.fault_f(text)',
  ),
  code(
    'definer-shared',
    'a SECURITY DEFINER function outside that everybody may call',
    'CREATE FUNCTION extensions.fault_f(q text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $f$ DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END $f$',
    'extensions.fault_f',
  ),
  code(
    'definer-control',
    'the control role’s SECURITY DEFINER function',
    'SET LOCAL ROLE {control}; CREATE FUNCTION public.fault_f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; RESET ROLE',
    'public.fault_f()',
  ),
  code(
    'set-role',
    'a function with SET role',
    own('fault_f', `RETURNS int LANGUAGE sql SET role = '{b}' AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-authorization',
    'a function with SET session_authorization',
    own('fault_f', `RETURNS int LANGUAGE sql SET session_authorization = '{a}' AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-search-path',
    'a function with another tenant’s search path',
    own('fault_f', `RETURNS int LANGUAGE sql SET search_path = {b} AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-search-path-public',
    'a function whose search path leads outside',
    own('fault_f', `RETURNS int LANGUAGE sql SET search_path = public AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-row-security',
    'a function that turns row security off',
    own('fault_f', `RETURNS int LANGUAGE sql SET row_security = off AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-replication-role',
    'a function that turns triggers off',
    own('fault_f', `RETURNS int LANGUAGE sql SET session_replication_role = replica AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code(
    'set-event-triggers',
    'a function that turns event triggers off',
    own('fault_f', `RETURNS int LANGUAGE sql SET event_triggers = off AS 'SELECT 1'`),
    '{a}.fault_f()',
  ),
  code('body-set-role', 'a body with SET ROLE', own('fault_f', body('SET ROLE {b};')), '{a}.fault_f()'),
  code(
    'body-set-local-role',
    'a body with SET LOCAL ROLE',
    own('fault_f', body('SET LOCAL ROLE {b};')),
    '{a}.fault_f()',
  ),
  code(
    'body-execute-set-role',
    'a body that puts SET ROLE together',
    own('fault_f', body(`EXECUTE 'SET ' || 'ROLE ' || quote_ident(current_user);`)),
    '{a}.fault_f()',
  ),
  code('body-reset-role', 'a body with RESET ROLE', own('fault_f', body('RESET ROLE;')), '{a}.fault_f()'),
  code(
    'body-set-authorization',
    'a body with SET SESSION AUTHORIZATION',
    own('fault_f', body('SET SESSION AUTHORIZATION {b};')),
    '{a}.fault_f()',
  ),
  code(
    'body-set-config',
    'a body that sets the role by set_config',
    own('fault_f', body(`PERFORM set_config('role', '{b}', false);`)),
    '{a}.fault_f()',
  ),
  code(
    'body-set-config-named',
    'a body that sets the role by set_config with named arguments',
    own(
      'fault_f',
      body(`PERFORM set_config(setting_name => 'role', new_value => current_user, is_local => false);`),
    ),
    '{a}.fault_f()',
  ),
  code(
    'body-set-config-computed',
    'a body that sets something by a computed name',
    own(
      'fault_f',
      `RETURNS void LANGUAGE plpgsql AS $f$ BEGIN PERFORM set_config(name, value, false); END $f$`,
      'name text, value text',
    ).replaceAll('fault_f OWNER', 'fault_f OWNER'),
    '{a}.fault_f',
  ),
  code(
    'body-set-role-equals',
    'a body with SET role = …',
    own('fault_f', body(`SET role = '{b}';`)),
    '{a}.fault_f()',
  ),
  code(
    'body-search-path',
    'a body that sets the search path to another tenant',
    own('fault_f', body(`SET search_path = {b};`)),
    '{a}.fault_f()',
  ),
  code(
    'body-other',
    'a body that names another tenant',
    own(
      'fault_f',
      'RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN RETURN (SELECT count(*) FROM {b}.fault_notes); END $f$',
    ),
    '{a}.fault_f()',
  ),
  code(
    'body-other-quoted',
    'a body that names another tenant in quotes',
    own(
      'fault_f',
      'RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN RETURN (SELECT count(*) FROM "{b}".fault_notes); END $f$',
    ),
    '{a}.fault_f()',
  ),
  code(
    'body-other-upper',
    'a body that names another tenant in capitals',
    own(
      'fault_f',
      `RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE upper('select 1') || ' -- {B}'; END $f$`,
    ).replace('{B}', '{b}'),
    '{a}.fault_f()',
  ),
  code(
    'body-shared',
    'a function outside whose body names a tenant',
    `CREATE FUNCTION extensions.fault_f() RETURNS bigint LANGUAGE plpgsql AS $f$ BEGIN RETURN (SELECT count(*) FROM {b}.fault_notes); END $f$`,
    'extensions.fault_f()',
  ),
  code(
    'body-dblink',
    'a body that runs a text elsewhere',
    own('fault_f', body(`PERFORM dblink('dbname=x', 'SELECT 1');`)),
    '{a}.fault_f()',
  ),
  code(
    'body-terminate',
    'a body that ends backends',
    own('fault_f', body(`PERFORM pg_terminate_backend(1);`)),
    '{a}.fault_f()',
  ),
  code(
    'body-xml',
    'a body that reads by query_to_xml',
    own('fault_f', body(`PERFORM query_to_xml('select 1', true, false, '');`)),
    '{a}.fault_f()',
  ),
  code(
    'body-copy-program',
    'a body that runs a program',
    own('fault_f', body(`COPY fault_notes FROM PROGRAM 'true';`)),
    '{a}.fault_f()',
  ),
  code(
    'view-set-config',
    'a view that sets the role',
    `CREATE VIEW {a}.fault_v AS SELECT set_config('role', '{b}', false); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-xml',
    'a view that runs a text',
    `CREATE VIEW {a}.fault_v AS SELECT query_to_xml('select 1', true, false, ''); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-stat',
    'a view that runs a text by ts_stat',
    `CREATE VIEW {a}.fault_v AS SELECT * FROM ts_stat('select 1'); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-terminate',
    'a view that ends backends',
    `CREATE VIEW {a}.fault_v AS SELECT pg_cancel_backend(1); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-activity',
    'a view that reads files',
    `CREATE VIEW {a}.fault_v AS SELECT pg_read_file('postgresql.conf'); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-regclass',
    'a view that names another tenant in a text',
    `CREATE VIEW {a}.fault_v AS SELECT to_regclass('{b}.fault_notes'); ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'view-text',
    'a view that has another tenant’s name in it',
    `CREATE VIEW {a}.fault_v AS SELECT '{b}.fault_notes'::text AS it; ALTER VIEW {a}.fault_v OWNER TO {a_owner}`,
    'fault_v',
  ),
  code(
    'check-set-config',
    'a check that sets the role',
    `ALTER TABLE {a}.fault_notes ADD CONSTRAINT fault_check CHECK (set_config('role', '{b}', false) IS NOT NULL) NOT VALID`,
    'fault_check',
  ),
  code(
    'default-set-config',
    'a default that sets the role',
    `ALTER TABLE {a}.fault_notes ALTER COLUMN secret SET DEFAULT set_config('role', '{b}', false)`,
    'secret',
  ),
  code(
    'default-set-config-computed',
    'a default that sets something',
    `ALTER TABLE {a}.fault_notes ALTER COLUMN secret SET DEFAULT set_config('search_path', 'x', false)`,
    'secret',
  ),
  code(
    'policy-set-config',
    'a policy that sets the role',
    `CREATE POLICY fault_policy ON {a}.fault_notes USING (set_config('role', '{b}', false) = '{b}')`,
    'fault_policy',
  ),
  code(
    'trigger-when',
    'a trigger’s condition that sets the role',
    `CREATE TRIGGER fault_trigger BEFORE INSERT ON {a}.fault_notes FOR EACH ROW WHEN (set_config('role', '{b}', false) IS NOT NULL) EXECUTE FUNCTION {a}.fault_stamp()`,
    'fault_trigger',
  ),
  code(
    'rule-set-config',
    'a rule that sets the role',
    `CREATE RULE fault_rule AS ON UPDATE TO {a}.fault_notes DO ALSO SELECT set_config('role', '{b}', false)`,
    'fault_rule',
  ),
  code(
    'domain-set-config',
    'a domain’s check that sets the role',
    `CREATE DOMAIN {a}.fault_d AS text CHECK (set_config('role', VALUE, false) IS NOT NULL); ALTER DOMAIN {a}.fault_d OWNER TO {a_owner}; REVOKE ALL ON DOMAIN {a}.fault_d FROM PUBLIC`,
    'fault_d',
  ),
  code(
    'domain-default',
    'a domain’s default that sets the role',
    `CREATE DOMAIN {a}.fault_d AS text DEFAULT set_config('role', '{b}', false); ALTER DOMAIN {a}.fault_d OWNER TO {a_owner}; REVOKE ALL ON DOMAIN {a}.fault_d FROM PUBLIC`,
    'fault_d',
  ),
  code(
    'argument-default',
    'an argument’s default that sets the role',
    `CREATE FUNCTION {a}.fault_f(x text DEFAULT set_config('role', '{b}', false)) RETURNS text LANGUAGE sql RETURN x; ALTER FUNCTION {a}.fault_f OWNER TO {a_owner}; REVOKE ALL ON FUNCTION {a}.fault_f FROM PUBLIC; GRANT EXECUTE ON FUNCTION {a}.fault_f TO {a}`,
    'fault_f',
  ),
  code(
    'atomic-body',
    'a parsed body that sets the role',
    `CREATE FUNCTION {a}.fault_f() RETURNS text LANGUAGE sql RETURN set_config('role', '{b}', false); ALTER FUNCTION {a}.fault_f OWNER TO {a_owner}; REVOKE ALL ON FUNCTION {a}.fault_f FROM PUBLIC; GRANT EXECUTE ON FUNCTION {a}.fault_f TO {a}`,
    'fault_f',
  ),
  code(
    'aggregate-function',
    'an aggregate whose steps set something',
    `CREATE AGGREGATE {a}.fault_agg(text, text) (SFUNC = {a}.fault_step, STYPE = text)`.replace(
      'CREATE AGGREGATE',
      `CREATE FUNCTION {a}.fault_step(s text, x text, y text) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN set_config(x, y, false); END $f$; CREATE AGGREGATE`,
    ),
    'fault_step',
  ),
  code(
    'language-c',
    'a function in C',
    `CREATE FUNCTION {a}.fault_f(text) RETURNS text LANGUAGE internal STRICT AS 'pg_read_file_all'; ALTER FUNCTION {a}.fault_f(text) OWNER TO {a_owner}; REVOKE ALL ON FUNCTION {a}.fault_f(text) FROM PUBLIC`,
    '{a}.fault_f(text)',
  ),
  code(
    'leakproof',
    'a function that says it leaks nothing',
    'ALTER FUNCTION {b}.fault_shout(text) LEAKPROOF',
    '{b}.fault_shout(text)',
  ),
  code(
    'support',
    'a function with a planner support function',
    `ALTER FUNCTION {b}.fault_shout(text) SUPPORT pg_catalog.text_starts_with_support`,
    '{b}.fault_shout(text)',
  ),
];

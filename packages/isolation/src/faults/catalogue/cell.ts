import { family, type Fault } from '../fault.ts';

const leases = family('leases', 'leases');
const plane = family('control plane', 'control-plane');
const registry = family('registry', 'registry');
const comments = family('comments', 'comments', ['comment.']);

/** A reference table, as a migration would make one. */
const reference =
  'SET LOCAL ROLE tenantry_reference; CREATE TABLE reference.fault_countries (code text PRIMARY KEY); RESET ROLE';

const lease = (name: string) => `tenantry_lease.${name}`;

export const cellFaults: readonly Fault[] = [
  leases(
    'body.grant',
    'the function that leases a tenant lends to anybody',
    `CREATE OR REPLACE FUNCTION ${lease('grant_{b}')}(slot text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$ BEGIN EXECUTE format('GRANT {b} TO %I WITH INHERIT FALSE, SET TRUE, ADMIN FALSE', slot); END $f$`,
    'grant_{b}',
  ),
  leases(
    'body.claim',
    'the function that makes leases exclusive lets everything pass',
    `CREATE OR REPLACE FUNCTION ${lease('claim')}(slot text, tenant text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$ BEGIN RETURN slot; END $f$`,
    'claim(text, text)',
  ),
  leases(
    'body.lend',
    'what every tenant’s lease function calls grants without a claim',
    `CREATE OR REPLACE FUNCTION ${lease('lend')}(slot text, tenant text) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE, ADMIN FALSE', tenant, slot); END $f$`,
    'lend(text, text)',
  ),
  leases(
    'body.take-back',
    'what takes every lease back does nothing',
    `CREATE OR REPLACE FUNCTION ${lease('take_back')}(slot text, tenant text) RETURNS void LANGUAGE plpgsql AS $f$ BEGIN END $f$`,
    'take_back(text, text)',
  ),
  leases(
    'body.open-slot',
    'whoever asks may log in as a slot that holds a tenant',
    `CREATE OR REPLACE FUNCTION ${lease('open_slot')}(slot text) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$ BEGIN EXECUTE format('ALTER ROLE %I LOGIN', slot); RETURN '{}'; END $f$`,
    'open_slot(text)',
  ),
  leases(
    'body.shut-slot',
    'slots stay open',
    `CREATE OR REPLACE FUNCTION ${lease('shut_slot')}(slot text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$ BEGIN RETURN true; END $f$`,
    'shut_slot(text)',
  ),
  leases(
    'body.revoke',
    'the function that takes a lease back does nothing',
    `CREATE OR REPLACE FUNCTION ${lease('revoke_{b}')}(slot text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT'`,
    'revoke_{b}',
  ),
  leases(
    'owner.control',
    'a lease function belongs to the control role',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) OWNER TO {control}`,
    'grant_{b}',
  ),
  leases(
    'owner.other',
    'a lease function belongs to another tenant’s owner',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) OWNER TO {a_owner}`,
    'grant_{b}',
  ),
  leases(
    'owner.superuser',
    'a lease function belongs to the superuser',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) OWNER TO CURRENT_USER`,
    'grant_{b}',
  ),
  leases(
    'owner.claim',
    'the function that makes leases exclusive belongs to a tenant’s owner',
    `ALTER FUNCTION ${lease('claim')}(text, text) OWNER TO {a_owner}`,
    'claim',
  ),
  leases(
    'owner.lend',
    'what every tenant’s lease function calls belongs to a tenant’s owner',
    `ALTER FUNCTION ${lease('lend')}(text, text) OWNER TO {a_owner}`,
    'lend',
  ),
  leases(
    'definer',
    'what every tenant’s lease function calls runs as the control role, which may grant every tenant',
    `ALTER FUNCTION ${lease('lend')}(text, text) SECURITY DEFINER`,
    'lend',
  ),
  leases(
    'search-path-lend',
    'what every tenant’s lease function calls has a search path of its own',
    `ALTER FUNCTION ${lease('lend')}(text, text) SET search_path = public, pg_catalog`,
    'lend',
  ),
  leases(
    'search-path',
    'a lease function has another search path',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) SET search_path = public, pg_catalog`,
    'grant_{b}',
  ),
  leases(
    'search-path-gone',
    'a lease function has the search path of its caller',
    `ALTER FUNCTION ${lease('claim')}(text, text) RESET search_path`,
    'claim',
  ),
  leases(
    'setting',
    'a lease function sets something more',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) SET row_security = off`,
    'grant_{b}',
  ),
  leases(
    'invoker',
    'a lease function runs as its caller',
    `ALTER FUNCTION ${lease('grant_{b}')}(text) SECURITY INVOKER`,
    'grant_{b}',
  ),
  leases(
    'volatility',
    'a lease function is called less often than it should be',
    `ALTER FUNCTION ${lease('claim')}(text, text) IMMUTABLE`,
    'claim',
  ),
  leases(
    'language',
    'a lease function is written in another language',
    `CREATE OR REPLACE FUNCTION ${lease('revoke_{b}')}(slot text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$ BEGIN PERFORM ${lease('take_back')}(slot, '{b}'); END $f$`,
    'revoke_{b}',
  ),
  leases(
    'overload',
    'a second function of the same name',
    `CREATE FUNCTION ${lease('grant_{b}')}(slot text, who text) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'`,
    'grant_{b}',
  ),
  leases(
    'overload-claim',
    'a second function that claims',
    `CREATE FUNCTION ${lease('claim')}(slot name, tenant name) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN slot; END'`,
    'claim',
  ),
  leases(
    'overload-lend',
    'a second function that lends',
    `CREATE FUNCTION ${lease('lend')}(slot name, tenant name) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'`,
    'lend',
  ),
  leases(
    'trigger',
    'a trigger on the table of slots',
    `CREATE FUNCTION public.fault_spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER fault_trigger BEFORE UPDATE ON ${lease('slots')} FOR EACH ROW EXECUTE FUNCTION public.fault_spy()`,
    'fault_trigger',
  ),
  leases(
    'rule',
    'a rule on the table of slots',
    `CREATE RULE fault_rule AS ON INSERT TO ${lease('slots')} DO INSTEAD NOTHING`,
    'fault_rule',
  ),
  leases(
    'gone',
    'a tenant cannot be leased any more',
    `DROP FUNCTION ${lease('grant_{b}')}(text)`,
    'grant_{b}',
  ),
  leases(
    'claim-gone',
    'nothing can be leased any more',
    `DROP FUNCTION ${lease('claim')}(text, text)`,
    'claim',
  ),
  leases(
    'lend-gone',
    'no tenant’s lease function finds what it calls',
    `DROP FUNCTION ${lease('lend')}(text, text)`,
    'lend',
  ),
  ...(
    [
      [
        'execute.public',
        `GRANT EXECUTE ON FUNCTION ${lease('grant_{b}')}(text) TO PUBLIC`,
        'EXECUTE for PUBLIC',
      ],
      ['execute.tenant', `GRANT EXECUTE ON FUNCTION ${lease('grant_{b}')}(text) TO {a}`, 'EXECUTE for {a}'],
      ['execute.own', `GRANT EXECUTE ON FUNCTION ${lease('grant_{b}')}(text) TO {b}`, 'EXECUTE for {b}'],
      [
        'execute.slot',
        `GRANT EXECUTE ON FUNCTION ${lease('grant_{b}')}(text) TO {slot}`,
        'EXECUTE for {slot}',
      ],
      [
        'execute.slots',
        `GRANT EXECUTE ON FUNCTION ${lease('grant_{b}')}(text) TO {slots}`,
        'EXECUTE for {slots}',
      ],
      [
        'execute.claim-broker',
        `GRANT EXECUTE ON FUNCTION ${lease('claim')}(text, text) TO {broker}`,
        'EXECUTE for {broker}',
      ],
      [
        'execute.open-slot-owners',
        `GRANT EXECUTE ON FUNCTION ${lease('open_slot')}(text) TO {owners}`,
        'EXECUTE for {owners}',
      ],
      [
        'execute.shut-slot-tenant',
        `GRANT EXECUTE ON FUNCTION ${lease('shut_slot')}(text) TO {a}`,
        'EXECUTE for {a}',
      ],
      [
        'table.holder',
        `GRANT UPDATE (holder) ON ${lease('slots')} TO {broker}`,
        'tenantry_lease.slots.holder: UPDATE for {broker}',
      ],
      [
        'execute.lend-broker',
        `GRANT EXECUTE ON FUNCTION ${lease('lend')}(text, text) TO {broker}`,
        'EXECUTE for {broker}',
      ],
      [
        'execute.take-back-slot',
        `GRANT EXECUTE ON FUNCTION ${lease('take_back')}(text, text) TO {slot}`,
        'EXECUTE for {slot}',
      ],
      [
        'execute.claim-public',
        `GRANT EXECUTE ON FUNCTION ${lease('claim')}(text, text) TO PUBLIC`,
        'EXECUTE for PUBLIC',
      ],
      [
        'table.update',
        `GRANT UPDATE ON ${lease('slots')} TO {broker}`,
        'tenantry_lease.slots: UPDATE for {broker}',
      ],
      ['table.insert', `GRANT INSERT ON ${lease('slots')} TO {a}`, 'tenantry_lease.slots: INSERT for {a}'],
      [
        'table.public',
        `GRANT SELECT ON ${lease('slots')} TO PUBLIC`,
        'tenantry_lease.slots: SELECT for PUBLIC',
      ],
      [
        'table.verifier',
        `GRANT SELECT (verifier) ON ${lease('slots')} TO {broker}`,
        'tenantry_lease.slots.verifier: SELECT for {broker}',
      ],
      [
        'table.column',
        `GRANT UPDATE (slot) ON ${lease('slots')} TO {broker}`,
        'tenantry_lease.slots.slot: UPDATE for {broker}',
      ],
      [
        'schema.create',
        'GRANT CREATE ON SCHEMA tenantry_lease TO {b_owner}',
        'schema tenantry_lease: CREATE for {b_owner}',
      ],
      [
        'schema.create-broker',
        'GRANT CREATE ON SCHEMA tenantry_lease TO {broker}',
        'schema tenantry_lease: CREATE for {broker}',
      ],
      [
        'schema.usage-slot',
        'GRANT USAGE ON SCHEMA tenantry_lease TO {slot}',
        'schema tenantry_lease: USAGE for {slot}',
      ],
      [
        'schema.usage-group',
        'GRANT USAGE ON SCHEMA tenantry_lease TO {group}',
        'schema tenantry_lease: USAGE for {group}',
      ],
      ['broker-usage-gone', 'REVOKE USAGE ON SCHEMA tenantry_lease FROM {broker}', 'no USAGE for {broker}'],
      [
        'owners-claim-gone',
        `REVOKE EXECUTE ON FUNCTION ${lease('claim')}(text, text) FROM {owners}`,
        'no EXECUTE for {owners}',
      ],
      [
        'owners-lend-gone',
        `REVOKE EXECUTE ON FUNCTION ${lease('lend')}(text, text) FROM {owners}`,
        'no EXECUTE for {owners}',
      ],
    ] as const
  ).map(([id, sql, names]) =>
    leases(id, `the lease machinery: ${names.replaceAll(/\{([a-z_]+)\}/g, '$1')}`, sql, names),
  ),
  ...(
    [
      [
        'control.usage.tenant',
        'GRANT USAGE ON SCHEMA tenantry TO {a}',
        'schema tenantry: USAGE for {a}',
        true,
      ],
      [
        'control.usage.public',
        'GRANT USAGE ON SCHEMA tenantry TO PUBLIC',
        'schema tenantry: USAGE for PUBLIC',
        true,
      ],
      [
        'control.create',
        'GRANT CREATE ON SCHEMA tenantry TO {group}',
        'schema tenantry: CREATE for {group}',
        true,
      ],
      [
        'control.select',
        'GRANT SELECT ON tenantry.schema_versions TO {a}',
        'tenantry.schema_versions: SELECT for {a}',
        false,
      ],
      [
        'control.select-public',
        'GRANT SELECT ON ALL TABLES IN SCHEMA tenantry TO PUBLIC',
        'tenantry.schema_versions: SELECT for PUBLIC',
        false,
      ],
      [
        'control.column',
        'GRANT SELECT (version) ON tenantry.schema_versions TO {slot}',
        'tenantry.schema_versions.version: SELECT for {slot}',
        false,
      ],
      [
        'control.owner',
        'ALTER TABLE tenantry.schema_versions OWNER TO {a_owner}',
        'tenantry.schema_versions',
        false,
      ],
      ['control.schema-owner', 'ALTER SCHEMA tenantry OWNER TO {a}', 'schema tenantry', true],
      [
        'control.trigger',
        `CREATE TRIGGER fault_trigger BEFORE INSERT ON tenantry.schema_versions FOR EACH ROW EXECUTE FUNCTION {a}.fault_stamp()`,
        'fault_trigger',
        false,
      ],
      [
        'control.definer',
        `CREATE FUNCTION tenantry.fault_f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; ALTER FUNCTION tenantry.fault_f() OWNER TO {control}`,
        'tenantry.fault_f()',
        false,
      ],
      [
        'control.view',
        `CREATE VIEW tenantry.fault_v AS SELECT * FROM {b}.fault_notes; ALTER VIEW tenantry.fault_v OWNER TO {control}`,
        'tenantry.fault_v',
        false,
      ],
      [
        'audit.usage.tenant',
        'GRANT USAGE ON SCHEMA tenantry_audit TO {a}',
        'schema tenantry_audit: USAGE for {a}',
        true,
      ],
      [
        'audit.create',
        'GRANT CREATE ON SCHEMA tenantry_audit TO {control}',
        'schema tenantry_audit: CREATE for {control}',
        false,
      ],
      [
        'audit.update',
        'GRANT UPDATE ON tenantry_audit.events TO {control}',
        'tenantry_audit.events: UPDATE for {control}',
        false,
      ],
      [
        'audit.delete',
        'GRANT DELETE ON tenantry_audit.events TO {control}',
        'tenantry_audit.events: DELETE for {control}',
        false,
      ],
      [
        'audit.insert',
        'GRANT INSERT ON tenantry_audit.events TO {control}',
        'tenantry_audit.events: INSERT for {control}',
        false,
      ],
      [
        'audit.truncate',
        'GRANT TRUNCATE ON tenantry_audit.events TO {control}',
        'tenantry_audit.events: TRUNCATE for {control}',
        false,
      ],
      [
        'audit.column',
        'GRANT UPDATE (at) ON tenantry_audit.events TO {control}',
        'tenantry_audit.events.at: UPDATE for {control}',
        false,
      ],
      [
        'audit.select',
        'GRANT SELECT ON tenantry_audit.events TO {a}',
        'tenantry_audit.events: SELECT for {a}',
        false,
      ],
      ['audit.owner', 'ALTER TABLE tenantry_audit.events OWNER TO {control}', 'tenantry_audit.events', false],
      [
        'audit.schema-owner',
        'ALTER SCHEMA tenantry_audit OWNER TO {control}',
        'schema tenantry_audit',
        false,
      ],
      [
        'audit.member-set',
        'GRANT tenantry_audit TO {control} WITH SET TRUE, INHERIT FALSE',
        'membership {control} of tenantry_audit',
        false,
      ],
      [
        'audit.member-inherit',
        'GRANT tenantry_audit TO {control} WITH INHERIT TRUE, SET FALSE',
        'membership {control} of tenantry_audit',
        false,
      ],
      ['audit.member-tenant', 'GRANT tenantry_audit TO {a}', 'membership {a} of tenantry_audit', false],
      ['audit.login', `ALTER ROLE tenantry_audit LOGIN PASSWORD 'x'`, 'role tenantry_audit: LOGIN', false],
      [
        'audit.trigger',
        `CREATE TRIGGER fault_trigger BEFORE INSERT ON tenantry_audit.events FOR EACH ROW EXECUTE FUNCTION {a}.fault_stamp()`,
        'fault_trigger',
        false,
      ],
      [
        'audit.rule',
        'CREATE RULE fault_rule AS ON INSERT TO tenantry_audit.events DO INSTEAD NOTHING',
        'fault_rule',
        false,
      ],
      [
        'audit.row-security',
        'ALTER TABLE tenantry_audit.events ENABLE ROW LEVEL SECURITY',
        'tenantry_audit.events',
        false,
      ],
      [
        'audit.function-owner',
        `CREATE FUNCTION tenantry_audit.fault_f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; ALTER FUNCTION tenantry_audit.fault_f() OWNER TO {control}`,
        'tenantry_audit.fault_f',
        false,
      ],
      [
        'audit.body',
        `SET LOCAL ROLE tenantry_audit; CREATE OR REPLACE FUNCTION tenantry_audit.append(p_id text, p_actor_kind text, p_actor_id text, p_actor_name text, p_action text, p_outcome text,
           p_target_kind text, p_target_id text, p_tenant_id text, p_before json, p_after json, p_reason text, p_request_id text, p_source_ip text) RETURNS bigint
           LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN 0; END'; REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenantry_audit FROM PUBLIC; RESET ROLE`,
        'tenantry_audit.append',
        false,
      ],
      [
        'audit.execute',
        `CREATE FUNCTION tenantry_audit.fault_f() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION tenantry_audit.fault_f() OWNER TO tenantry_audit; GRANT EXECUTE ON FUNCTION tenantry_audit.fault_f() TO {a}`,
        'tenantry_audit.fault_f(): EXECUTE for {a}',
        false,
      ],
      [
        'reference.insert',
        `${reference}; GRANT INSERT ON reference.fault_countries TO {group}`,
        'INSERT for {group}',
        false,
      ],
      [
        'reference.create',
        'GRANT CREATE ON SCHEMA reference TO {group}',
        'schema reference: CREATE for {group}',
        true,
      ],
      [
        'reference.public',
        'GRANT USAGE ON SCHEMA reference TO PUBLIC',
        'schema reference: USAGE for PUBLIC',
        false,
      ],
      ['reference.owner', 'ALTER SCHEMA reference OWNER TO {a}', 'schema reference', true],
      [
        'reference.select-gone',
        `${reference}; REVOKE SELECT ON reference.fault_countries FROM {group}`,
        'no SELECT for {group}',
        false,
      ],
      ['reference.member', 'GRANT tenantry_reference TO {a}', 'membership {a} of tenantry_reference', false],
      [
        'reference.tenant-key',
        `${reference}; ALTER TABLE {a}.fault_notes ADD COLUMN far text REFERENCES reference.fault_countries (code)`,
        '{a}',
        false,
      ],
      [
        'reference.view',
        'CREATE VIEW reference.fault_v AS SELECT * FROM {b}.fault_notes; ALTER VIEW reference.fault_v OWNER TO tenantry_reference',
        'fault_v',
        false,
      ],
    ] as const
  ).map(([id, sql, names, rights]) =>
    plane(id, `what tenants share: ${titleOf(sql.replace(`${reference}; `, ''))}`, sql, names, { rights }),
  ),
  registry('schema.dropped', 'a tenant’s schema was dropped', 'DROP SCHEMA {b} CASCADE', '{b}'),
  registry(
    'schema.renamed',
    'a tenant’s schema was renamed',
    'ALTER SCHEMA {b} RENAME TO t_aaaaaaaaaaaa',
    't_aaaaaaaaaaaa',
  ),
  registry(
    'schema.unknown',
    'a schema that is called like a tenant',
    'CREATE SCHEMA t_aaaaaaaaaaaa',
    't_aaaaaaaaaaaa',
  ),
  registry(
    'schema.restored',
    'a tenant that was restored by hand, without its roles',
    'CREATE SCHEMA t_aaaaaaaaaaaa; CREATE TABLE t_aaaaaaaaaaaa.notes (a int)',
    't_aaaaaaaaaaaa',
  ),
  registry(
    'schema.long',
    'a schema whose name PostgreSQL has cut off',
    `CREATE SCHEMA ${'t'.repeat(63)}`,
    't'.repeat(63),
  ),
  registry(
    'half-open.login',
    'a tenant that may log in and not use its schema',
    'REVOKE USAGE ON SCHEMA {b} FROM {b}',
    'schema {b}',
  ),
  registry(
    'half-open.usage',
    'a tenant that may use its schema and not log in',
    'ALTER ROLE {b} NOLOGIN',
    'schema {b}',
  ),
  comments('schema', 'a comment on a tenant’s schema', `COMMENT ON SCHEMA {b} IS 'ACME Corp'`, 'schema {b}'),
  comments('role', 'a comment on a tenant’s login', `COMMENT ON ROLE {b} IS 'ACME Corp'`, 'role {b}'),
  comments(
    'owner',
    'a comment on a tenant’s owner',
    `COMMENT ON ROLE {b_owner} IS 'ACME Corp'`,
    'role {b_owner}',
  ),
  comments('slot', 'a comment on a slot', `COMMENT ON ROLE {slot} IS 'ACME Corp'`, 'role {slot}'),
  comments(
    'database',
    'a comment on the database',
    `COMMENT ON DATABASE {database} IS 'ACME Corp'`,
    '{database}',
  ),
  comments(
    'table',
    'a comment on one tenant’s table',
    `COMMENT ON TABLE {b}.fault_notes IS 'ACME Corp'`,
    '{b}.fault_notes',
  ),
  comments(
    'column',
    'a comment on one tenant’s column',
    `COMMENT ON COLUMN {b}.fault_notes.secret IS 'ACME Corp'`,
    '{b}.fault_notes',
  ),
  comments(
    'function',
    'a comment on one tenant’s function',
    `COMMENT ON FUNCTION {b}.fault_shout(text) IS 'ACME Corp'`,
    '{b}.fault_shout',
  ),
  comments(
    'type',
    'a comment on one tenant’s type',
    `COMMENT ON TYPE {b}.fault_mood IS 'ACME Corp'`,
    '{b}.fault_mood',
  ),
  comments(
    'trigger',
    'a comment on one tenant’s trigger',
    `COMMENT ON TRIGGER fault_stamp ON {b}.fault_notes IS 'ACME Corp'`,
    'fault_stamp',
  ),
  comments(
    'constraint',
    'a comment on one tenant’s constraint',
    `COMMENT ON CONSTRAINT fault_notes_pkey ON {b}.fault_notes IS 'ACME Corp'`,
    'fault_notes_pkey',
  ),
  comments(
    'large-object',
    'a comment on a tenant’s large object',
    `SELECT lo_create(424242); ALTER LARGE OBJECT 424242 OWNER TO {b}; COMMENT ON LARGE OBJECT 424242 IS 'ACME Corp'`,
    '424242',
  ),
];

function titleOf(sql: string): string {
  return sql
    .replaceAll(/\{([a-z_]+)\}/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 90);
}

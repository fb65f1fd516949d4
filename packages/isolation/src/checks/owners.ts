import { controls } from './controls.ts';
import { dropOf } from './prelude.ts';
import { scan } from './scan.ts';

/** Kinds of objects that lie in a schema and have an owner: catalog, column of the schema, of the owner, of the name, what it is called. */
const owned = [
  [
    'pg_class',
    'relnamespace',
    'relowner',
    'relname',
    `CASE o.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'table' END`,
    `o.relkind NOT IN ('i', 'I', 't')`,
  ],
  ['pg_proc', 'pronamespace', 'proowner', 'proname', `'function'`, 'true'],
  ['pg_type', 'typnamespace', 'typowner', 'typname', `'type'`, `o.typtype <> 'c' AND o.typcategory <> 'A'`],
  ['pg_operator', 'oprnamespace', 'oprowner', 'oprname', `'operator'`, 'true'],
  ['pg_opclass', 'opcnamespace', 'opcowner', 'opcname', `'operator class'`, 'true'],
  ['pg_opfamily', 'opfnamespace', 'opfowner', 'opfname', `'operator family'`, 'true'],
  ['pg_collation', 'collnamespace', 'collowner', 'collname', `'collation'`, 'true'],
  ['pg_conversion', 'connamespace', 'conowner', 'conname', `'conversion'`, 'true'],
  ['pg_statistic_ext', 'stxnamespace', 'stxowner', 'stxname', `'statistics object'`, 'true'],
  ['pg_ts_config', 'cfgnamespace', 'cfgowner', 'cfgname', `'text search configuration'`, 'true'],
  ['pg_ts_dict', 'dictnamespace', 'dictowner', 'dictname', `'text search dictionary'`, 'true'],
  // Have no owner: a superuser made them.
  ['pg_ts_parser', 'prsnamespace', '10::oid', 'prsname', `'text search parser'`, 'true'],
  ['pg_ts_template', 'tmplnamespace', '10::oid', 'tmplname', `'text search template'`, 'true'],
] as const;

/** A row for each group of objects of one kind, schema and owner: catalogs are grouped, by numbers, before anything is joined to them. */
const groups = owned
  .map(([catalog, space, owner, , kind, where]) => {
    const by = /^\d/.test(owner) ? owner : `o.${owner}`;
    return `SELECT '${catalog}'::regclass::oid AS class, ${kind} AS kind, o.${space} AS space, ${by} AS owner, array_agg(o.oid) AS oids
  FROM pg_catalog.${catalog} o WHERE o.oid >= 16384 AND ${where} GROUP BY 1, 2, 3, 4`;
  })
  .join('\nUNION ALL ');

/** The name of an object of one of these kinds, looked up only for what is told. */
const nameOf = `CASE p.class ${owned
  .map(
    ([catalog, , , name]) =>
      `WHEN '${catalog}'::regclass THEN (SELECT o.${name}::text FROM pg_catalog.${catalog} o WHERE o.oid = x.oid)`,
  )
  .join(' ')} END`;

/** Owners, and what lies in schemas that are not a tenant's: an owner can do everything, whatever is granted. */
export const ownersScan = scan(
  'owners',
  `,
grouped AS MATERIALIZED (${groups}),
placed AS MATERIALIZED (
  SELECT g.*, s.name AS space_name, s.kind AS space_kind, s.tenant, t.owner AS tenant_owner, s.owners, s.objects, r.name AS owner_name, r.kind AS owner_kind, r.tenant AS owner_tenant
    FROM grouped g JOIN space s ON s.oid = g.space LEFT JOIN tenant t ON t.schema = s.oid LEFT JOIN role r ON r.oid = g.owner
),
member_of_extension AS (
  SELECT d.classid, d.objid, d.refobjid AS extension FROM pg_catalog.pg_depend d
   WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
),
stranger AS (
  SELECT p.*, ARRAY(SELECT ${nameOf} FROM (SELECT o FROM unnest(p.oids) AS o ORDER BY o LIMIT 20) AS x (oid)) AS names FROM placed p
   WHERE CASE p.space_kind
           WHEN 'tenant' THEN p.owner_kind IS NULL OR p.owner <> p.tenant_owner
           WHEN 'unknown' THEN p.owner_kind IN ('login', 'owner', 'slot', 'application')
           WHEN 'lease' THEN p.owner_kind IS NULL OR NOT (p.owners ? p.owner_kind OR (p.kind = 'function' AND p.owner_kind = 'owner'))
           WHEN 'system' THEN false
           WHEN 'temporary' THEN false
           ELSE p.owner_kind IS NULL OR NOT p.owners ? p.owner_kind END
     AND EXISTS (SELECT FROM layout WHERE p.space_kind <> 'tenant' OR j->'tenants'->>'owner' IS NOT NULL)
),
allowed AS MATERIALIZED (
  SELECT x.name AS space, o.text AS object FROM space_rule x CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(x.objects) WHEN 'array' THEN x.objects ELSE '[]' END) AS o (text)
   WHERE strpos(o.text, '{schema}') = 0
  UNION ALL
  SELECT x.name, replace(o.text, '{schema}', t.name) FROM space_rule x CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(x.objects) WHEN 'array' THEN x.objects ELSE '[]' END) AS o (text)
   CROSS JOIN tenant t WHERE strpos(o.text, '{schema}') > 0
),
loose AS (
  SELECT p.class, x.oid, p.kind, p.space_name, p.space_kind, p.owner_name, n.name
    FROM placed p CROSS JOIN LATERAL unnest(p.oids) AS x (oid) CROSS JOIN LATERAL (SELECT ${nameOf} AS name) AS n
   WHERE (p.space_kind = 'system' OR (p.space_kind NOT IN ('tenant', 'temporary', 'unknown') AND p.objects <> 'null'))
     AND NOT EXISTS (SELECT FROM member_of_extension e WHERE e.classid = p.class AND e.objid = ANY (p.oids) AND e.objid = x.oid)
     AND NOT EXISTS (SELECT FROM allowed a WHERE a.space = p.space_name AND a.object = p.kind || ' ' || n.name)
)`,
  [
    {
      check: {
        id: 'owner.object',
        title: 'An object belongs to somebody it should not',
        proves:
          'Everything in a tenant’s schema belongs to the tenant’s owner, and what tenants share belongs to none of them.',
        severity: 'critical',
        controls: controls.access,
        remediation:
          'Give it to the right owner. A superuser’s table in a tenant’s schema is one that no migration can change.',
      },
      sql: `SELECT format('%s %I.%I', s.kind, s.space_name, x.name), s.tenant,
                   CASE WHEN s.owner_kind IN ('login', 'owner', 'slot', 'broker', 'application') THEN 'critical' ELSE 'medium' END,
                   format('The %s %s.%s belongs to %s', s.kind, s.space_name, x.name, coalesce(s.owner_name, 'nobody')),
                   jsonb_build_object('owner', s.owner_name, 'objects', cardinality(s.oids)),
                   CASE WHEN s.kind IN ('table', 'view', 'materialized view', 'sequence', 'foreign table', 'type', 'collation', 'conversion')
                         AND EXISTS (SELECT FROM tenant t WHERE t.name = s.tenant AND t.owner IS NOT NULL) THEN format('ALTER %s %I.%I OWNER TO %I;', upper(s.kind), s.space_name, x.name, (SELECT t.owner_name FROM tenant t WHERE t.name = s.tenant)) END
              FROM stranger s CROSS JOIN LATERAL unnest(s.names) AS x (name)`,
    },
    {
      check: {
        id: 'owner.schema',
        title: 'A schema belongs to somebody it should not',
        proves:
          'A tenant’s schema belongs to the tenant’s owner, which cannot log in; the others to whom the design says.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Give it to the right owner.',
      },
      sql: `SELECT 'schema ' || s.name, s.tenant, CASE WHEN r.kind IN ('login', 'owner', 'slot', 'broker', 'application') THEN 'critical' ELSE 'high' END,
                   format('The schema %s belongs to %s', s.name, coalesce(r.name, 'nobody')), jsonb_build_object('owner', r.name),
                   CASE WHEN t.owner IS NOT NULL THEN format('ALTER SCHEMA %I OWNER TO %I;', s.name, t.owner_name) END
              FROM space s LEFT JOIN role r ON r.oid = s.owner LEFT JOIN tenant t ON t.schema = s.oid
             WHERE CASE s.kind WHEN 'tenant' THEN t.owner_name IS NOT NULL AND s.owner IS DISTINCT FROM t.owner
                               WHEN 'system' THEN r.kind <> 'bootstrap' WHEN 'temporary' THEN false WHEN 'unknown' THEN false
                               ELSE r.kind IS NULL OR NOT s.owners ? r.kind END`,
    },
    {
      check: {
        id: 'owner.database',
        title: 'The database belongs to somebody it should not',
        proves: 'The role that owns the database runs no application SQL.',
        severity: 'critical',
        controls: controls.administration,
        remediation: 'Give the database to the control role.',
      },
      sql: `SELECT 'database ' || d.datname, NULL, NULL, format('The database %s belongs to %s', d.datname, coalesce(r.name, 'nobody')),
                   jsonb_build_object('owner', r.name), format('ALTER DATABASE %I OWNER TO %I;', d.datname, j->>'control')
              FROM layout CROSS JOIN pg_catalog.pg_database d LEFT JOIN role r ON r.oid = d.datdba
             WHERE d.datname = current_database() AND r.name IS DISTINCT FROM j->>'control'
               -- Elsewhere a superuser may have made it; in a cell the control role has.
               AND (j->>'name' = 'tenantry' OR r.kind IS NULL OR r.kind NOT IN ('bootstrap', 'operator', 'control'))`,
    },
    {
      check: {
        id: 'owner.large-object',
        title: 'A large object belongs to nobody who is here',
        proves:
          'Large objects, which outlive the schema of who made them, belong to tenants of this database.',
        severity: 'medium',
        controls: controls.accounts,
        remediation: 'Drop those of a tenant that is gone with DROP OWNED BY; ask what the others are.',
      },
      sql: `SELECT format('large objects of %s', coalesce(r.name, l.lomowner::text)), NULL, NULL,
                   format('%s large objects belong to %s, which is not a tenant', count(*), coalesce(r.name, 'nobody')),
                   jsonb_build_object('count', count(*), 'some', to_jsonb((array_agg(l.oid::text ORDER BY l.oid))[1:5])), NULL
              FROM pg_catalog.pg_largeobject_metadata l LEFT JOIN role r ON r.oid = l.lomowner
             WHERE r.kind IS NULL OR r.kind NOT IN ('login', 'owner', 'application') OR (r.kind IN ('login', 'owner') AND NOT r.here)
             GROUP BY r.name, l.lomowner`,
    },
    {
      check: {
        id: 'shared.tampered',
        title: 'A trigger, rule, policy or row security on a table of the control plane’s',
        proves:
          'What the audit trail, the slots and the canary are told is written down as it is: nothing in between changes it, drops it or hides it.',
        severity: 'critical',
        controls: controls.configuration,
        remediation: 'Drop it, and find out since when it was there.',
      },
      sql: `SELECT format('%s %I on %I.%I', x.kind, x.name, s.name, c.relname), NULL, NULL, format('There is a %s %s on %s.%s', x.kind, x.name, s.name, c.relname), NULL::jsonb, x.remove
              FROM space s JOIN grouped g ON g.space = s.oid AND g.class = 'pg_class'::regclass CROSS JOIN LATERAL unnest(g.oids) AS o (oid)
              CROSS JOIN LATERAL (SELECT k.* FROM pg_catalog.pg_class k WHERE k.oid = o.oid) AS c
              CROSS JOIN LATERAL (
                SELECT 'trigger' AS kind, t.tgname::text AS name, format('DROP TRIGGER %I ON %I.%I;', t.tgname, s.name, c.relname) AS remove FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                   -- The control schema has some of its own.
                   AND NOT (s.kind = 'control' AND EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid = t.tgfoid AND p.pronamespace = s.oid AND p.proowner = s.owner))
                UNION ALL SELECT 'rule', w.rulename, format('DROP RULE %I ON %I.%I;', w.rulename, s.name, c.relname) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'
                UNION ALL SELECT 'policy', p.polname, format('DROP POLICY %I ON %I.%I;', p.polname, s.name, c.relname) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid
                UNION ALL SELECT 'row security', c.relname, format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY;', s.name, c.relname) WHERE c.relrowsecurity
              ) AS x
             WHERE s.kind IN ('lease', 'canary', 'audit', 'control')`,
    },
    {
      check: {
        id: 'shared.object',
        title: 'Something lies in a schema that tenants share, or in PostgreSQL’s own',
        proves:
          'In the schemas that tenants share there is nothing that one of them, or a migration, has put there: no copy of data, no function that another’s search path finds first.',
        severity: 'high',
        controls: controls.access,
        remediation: 'Drop it, or move it into the schema of who needs it.',
      },
      sql: `SELECT format('%s %I.%I', l.kind, l.space_name, l.name), NULL, CASE WHEN l.space_kind = 'system' THEN 'critical' ELSE NULL END,
                   format('The %s %s.%s is not part of the design', l.kind, l.space_name, l.name), jsonb_build_object('owner', l.owner_name), ${dropOf('l.class', 'l.oid')}
              FROM loose l`,
    },
  ],
);

import { controls } from './controls.ts';
import { dropOf } from './prelude.ts';
import { scan } from './scan.ts';

/** The object that depends; what belongs to a rule of a view is the view's. */
const dropDependent = dropOf(
  `CASE WHEN w.ev_class IS NULL THEN e.classid ELSE 1259 END`,
  'coalesce(w.ev_class, e.objid)',
);
const ofView = `LEFT JOIN pg_catalog.pg_rewrite w ON e.classid = 2618 AND w.oid = e.objid AND w.rulename = '_RETURN'`;

/**
 * Everything that depends on anything: views, rules, foreign keys, triggers, defaults, policies, generated columns, index
 * expressions, sequences, types, inheritance, partitions. Where the two ends lie in two schemas, PostgreSQL has written it down.
 *
 * Ends are found by oid: a table first, and what belongs to a table through it. pg_depend alone says less: what lies in a
 * schema only indirectly (an index, a trigger) does not depend on the schema.
 */
export const dependenciesScan = scan(
  'dependencies',
  `,
-- What is part of another object lies where that lies, and the schema that an object is in is known already: two rows of three.
-- So do a default, a constraint, an index and a sequence that fall with a column of their own table: nine of ten of what is left.
link AS MATERIALIZED (
  SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid FROM pg_catalog.pg_depend d
   WHERE d.refobjid >= 16384 AND d.deptype <> 'i' AND d.refclassid <> 2615 AND NOT (d.deptype = 'a' AND (d.classid IN (2604, 2606) OR (d.classid = 1259 AND d.refclassid = 1259 AND d.refobjsubid > 0)))
),
linked (class, oid) AS MATERIALIZED (SELECT l.classid, l.objid FROM link l UNION SELECT l.refclassid, l.refobjid FROM link l),
thing (class, oid, space) AS MATERIALIZED (
  SELECT x.* FROM (
    SELECT 1259::oid, c.oid, c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid >= 16384 AND c.relkind NOT IN ('t')
    UNION ALL SELECT 1247, t.oid, t.typnamespace FROM pg_catalog.pg_type t WHERE t.oid >= 16384
    UNION ALL SELECT 1255, p.oid, p.pronamespace FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
    UNION ALL SELECT 2606, k.oid, k.connamespace FROM pg_catalog.pg_constraint k WHERE k.oid >= 16384
    UNION ALL SELECT 2604, a.oid, c.relnamespace FROM pg_catalog.pg_attrdef a JOIN pg_catalog.pg_class c ON c.oid = a.adrelid WHERE a.oid IN (SELECT k.oid FROM linked k WHERE k.class = 2604)
    UNION ALL SELECT 2618, w.oid, c.relnamespace FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class WHERE w.oid >= 16384
    UNION ALL SELECT 2620, t.oid, c.relnamespace FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE t.oid IN (SELECT k.oid FROM linked k WHERE k.class = 2620)
    UNION ALL SELECT 3256, p.oid, c.relnamespace FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    UNION ALL SELECT 2617, o.oid, o.oprnamespace FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
    UNION ALL SELECT 2616, o.oid, o.opcnamespace FROM pg_catalog.pg_opclass o WHERE o.oid >= 16384
    UNION ALL SELECT 2753, o.oid, o.opfnamespace FROM pg_catalog.pg_opfamily o WHERE o.oid >= 16384
    UNION ALL SELECT 3456, c.oid, c.collnamespace FROM pg_catalog.pg_collation c WHERE c.oid >= 16384
    UNION ALL SELECT 2607, c.oid, c.connamespace FROM pg_catalog.pg_conversion c WHERE c.oid >= 16384
    UNION ALL SELECT 3381, s.oid, s.stxnamespace FROM pg_catalog.pg_statistic_ext s
    UNION ALL SELECT 3602, c.oid, c.cfgnamespace FROM pg_catalog.pg_ts_config c WHERE c.oid >= 16384
    UNION ALL SELECT 3600, d.oid, d.dictnamespace FROM pg_catalog.pg_ts_dict d WHERE d.oid >= 16384
    UNION ALL SELECT 2602, a.oid, f.opfnamespace FROM pg_catalog.pg_amop a JOIN pg_catalog.pg_opfamily f ON f.oid = a.amopfamily WHERE a.oid >= 16384
    UNION ALL SELECT 2603, a.oid, f.opfnamespace FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_opfamily f ON f.oid = a.amprocfamily WHERE a.oid >= 16384
    UNION ALL SELECT 2615, n.oid, n.oid FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384
  ) AS x (class, oid, space) WHERE x.oid IN (SELECT k.oid FROM linked k)
),
crossing AS MATERIALIZED (
  SELECT a.space AS from_space, b.space AS to_space, l.*
    FROM link l
    JOIN thing a ON a.class = l.classid AND a.oid = l.objid
    JOIN thing b ON b.class = l.refclassid AND b.oid = l.refobjid
   WHERE a.space <> b.space
),
edge AS (
  SELECT c.classid, c.objid, f.name AS from_name, f.kind AS from_kind, f.tenant AS from_tenant, t.name AS to_name, t.kind AS to_kind, t.tenant AS to_tenant,
         pg_describe_object(c.classid, c.objid, c.objsubid) AS "from", pg_describe_object(c.refclassid, c.refobjid, c.refobjsubid) AS "to"
    FROM crossing c JOIN space f ON f.oid = c.from_space JOIN space t ON t.oid = c.to_space
   WHERE (f.kind = 'tenant' OR t.kind = 'tenant')
     -- Extensions are there to be used.
     AND t.kind <> 'extensions' AND f.kind <> 'temporary'
)`,
  [
    {
      check: {
        id: 'dependency.tenants',
        title: 'An object of one tenant depends on an object of another',
        proves:
          'No view, foreign key, trigger, default, policy, generated column, index, sequence, type, inheritance or partition connects two tenants.',
        severity: 'critical',
        controls: controls.access,
        remediation: 'Drop the dependent object; join data in the application, or copy it.',
      },
      sql: `SELECT DISTINCT format('%s of %s on %s', e."from", e.from_name, e."to"), e.to_tenant, NULL,
                   format('%s depends on %s', e."from", e."to"), jsonb_build_object('from', e.from_name, 'to', e.to_name), ${dropDependent}
              FROM edge e ${ofView} WHERE e.from_tenant IS NOT NULL AND e.to_tenant IS NOT NULL`,
    },
    {
      check: {
        id: 'dependency.shared',
        title: 'An object of a tenant and a shared one depend on each other',
        proves:
          'Each tenant’s schema could be moved or dropped by itself; nothing shared reads it, and it runs nothing that is shared.',
        severity: 'high',
        controls: controls.access,
        remediation:
          'Drop the dependent object. Shared data is read by queries, with its schema’s name written out.',
      },
      sql: `SELECT DISTINCT format('%s of %s on %s', e."from", e.from_name, e."to"), coalesce(e.from_tenant, e.to_tenant),
                   CASE WHEN e.to_tenant IS NOT NULL THEN 'critical' ELSE NULL END,
                   format('%s depends on %s', e."from", e."to"), jsonb_build_object('from', e.from_name, 'to', e.to_name), ${dropDependent}
              FROM edge e ${ofView} WHERE (e.from_tenant IS NULL) <> (e.to_tenant IS NULL)`,
    },
    {
      check: {
        id: 'dependency.policy-role',
        title: 'A row security policy names a role of somebody else',
        proves: 'Row security, where a tenant uses it, is about its own roles.',
        severity: 'medium',
        controls: controls.access,
        remediation: 'Drop the policy, or name CURRENT_USER in its condition instead.',
      },
      sql: `SELECT format('policy %I on %I.%I for %s', p.polname, s.name, c.relname, coalesce(quote_ident(r.name), o::text)), s.tenant,
                   CASE WHEN r.tenant IS NOT NULL THEN 'high' ELSE NULL END,
                   format('The policy %s of %s.%s is for %s', p.polname, s.name, c.relname, coalesce(r.name, o::text)), jsonb_build_object('role', r.name),
                   format('DROP POLICY %I ON %I.%I;', p.polname, s.name, c.relname)
              FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN space s ON s.oid = c.relnamespace
              CROSS JOIN LATERAL unnest(p.polroles) AS o LEFT JOIN role r ON r.oid = o
             WHERE s.kind = 'tenant' AND o <> 0 AND r.tenant IS DISTINCT FROM s.tenant`,
    },
  ],
);

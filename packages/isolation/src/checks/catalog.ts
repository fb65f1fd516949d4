import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** SQL functions of PostgreSQL 18 and before that are stored as texts; the others are C, or parsed. */
const texts = `'quote_literal(anyelement)', 'quote_nullable(anyelement)', 'textanycat(text,anynonarray)', 'anytextcat(anynonarray,text)', 'information_schema._pg_expandarray(anyarray)'`;

/** PostgreSQL's own catalogs and functions: what initdb gave, and what somebody has added to it since. */
export const catalogScan = scan(
  'catalog',
  `,
born AS MATERIALIZED (SELECT i.classoid, i.objoid, i.objsubid, i.initprivs FROM pg_catalog.pg_init_privs i WHERE i.privtype = 'i'),
now_held AS MATERIALIZED (
  SELECT 1259::oid AS class, c.oid, 0 AS sub, c.relacl AS acl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner) AS fallback, 'relation' AS kind
    FROM pg_catalog.pg_class c WHERE c.oid < 16384 AND c.relacl IS NOT NULL
  UNION ALL SELECT 1255, p.oid, 0, p.proacl, acldefault('f', p.proowner), 'function' FROM pg_catalog.pg_proc p WHERE p.oid < 16384 AND p.proacl IS NOT NULL
  UNION ALL SELECT 1247, t.oid, 0, t.typacl, acldefault('T', t.typowner), 'type' FROM pg_catalog.pg_type t WHERE t.oid < 16384 AND t.typacl IS NOT NULL
  UNION ALL SELECT 2615, n.oid, 0, n.nspacl, acldefault('n', n.nspowner), 'schema' FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('pg_catalog', 'pg_toast', 'information_schema') AND n.nspacl IS NOT NULL
     -- Nor does it write down that everybody may look into the standard's schema.
     AND NOT (n.nspname = 'information_schema' AND n.nspacl::text ~ '^\\{[^,]+=UC/[^,]+,=U/[^,]+\\}$')
  UNION ALL SELECT 1259, a.attrelid, a.attnum, a.attacl, acldefault('c', 10), 'column' FROM pg_catalog.pg_attribute a WHERE a.attrelid < 16384 AND a.attacl IS NOT NULL
),
added AS (
  SELECT h.class, h.oid, h.sub, h.kind, x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable
    FROM now_held h LEFT JOIN born b ON b.classoid = h.class AND b.objoid = h.oid AND b.objsubid = h.sub
    CROSS JOIN LATERAL aclexplode(h.acl) x
   WHERE h.acl IS DISTINCT FROM b.initprivs
     AND NOT EXISTS (SELECT FROM aclexplode(coalesce(b.initprivs, h.fallback)) y
                      WHERE y.grantee = x.grantee AND y.privilege_type = x.privilege_type AND y.is_grantable >= x.is_grantable)
)`,
  [
    {
      check: {
        id: 'catalog.privilege',
        title: 'Somebody was given rights on PostgreSQL’s own tables or functions',
        proves: 'What initdb keeps from PUBLIC (passwords, files, other sessions) is still kept from it.',
        severity: 'critical',
        controls: controls.administration,
        remediation: 'Revoke it.',
      },
      sql: `SELECT format('%s: %s for %s', pg_describe_object(a.class, a.oid, a.sub), a.privilege, coalesce(quote_ident(r.name), 'PUBLIC')), r.tenant, NULL,
                   format('%s holds %s on %s, which PostgreSQL does not give', coalesce(r.name, 'PUBLIC'), a.privilege, pg_describe_object(a.class, a.oid, a.sub)),
                   jsonb_build_object('privilege', a.privilege, 'grantable', a.grantable),
                   format('REVOKE %s ON %s FROM %s CASCADE;', a.privilege || CASE a.kind WHEN 'column' THEN (SELECT format(' (%I)', t.attname) FROM pg_catalog.pg_attribute t WHERE t.attrelid = a.oid AND t.attnum = a.sub) ELSE '' END,
                          CASE a.kind WHEN 'column' THEN a.oid::regclass::text WHEN 'type' THEN 'TYPE ' || a.oid::regtype WHEN 'function' THEN 'FUNCTION ' || a.oid::regprocedure WHEN 'relation' THEN a.oid::regclass::text
                          WHEN 'schema' THEN 'SCHEMA ' || a.oid::regnamespace ELSE pg_describe_object(a.class, a.oid, a.sub) END, coalesce(quote_ident(r.name), 'PUBLIC'))
              FROM added a LEFT JOIN role r ON r.oid = a.grantee
             WHERE (r.kind IS NULL OR r.kind NOT IN ('bootstrap', 'operator'))
               -- initdb grants the views of the standard to PUBLIC after it has written down what everything was born with.
               AND NOT (a.kind = 'relation' AND a.grantee = 0 AND a.privilege = 'SELECT' AND EXISTS (
                 SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE c.oid = a.oid AND n.nspname = 'information_schema' AND c.relname !~ '^_pg_'))`,
    },
    {
      check: {
        id: 'catalog.changed',
        title: 'A function of PostgreSQL’s own was changed',
        proves:
          'What pg_catalog says is what PostgreSQL ships: no built-in function was replaced, given away or made to run as its owner.',
        severity: 'critical',
        controls: controls.configuration,
        remediation:
          'Restore the function from a fresh cluster of the same version, and find out what else was changed.',
      },
      sql: `SELECT 'function ' || p.oid::regprocedure, NULL, NULL, format('The built-in function %s was changed', p.oid::regprocedure),
                   jsonb_build_object('definer', p.prosecdef, 'owner', pg_get_userbyid(p.proowner)), NULL::text
              FROM pg_catalog.pg_proc p
             WHERE p.oid < 16384 AND (p.prosecdef OR p.proconfig IS NOT NULL OR p.proowner <> 10 OR p.prolang NOT IN (12, 13, 14)
                OR (p.prolang = 14 AND p.prosqlbody IS NULL AND p.oid::regprocedure::text NOT IN (${texts})))
            UNION ALL
            SELECT 'relation ' || c.oid::regclass, NULL, NULL, format('The built-in relation %s belongs to %s', c.oid::regclass, pg_get_userbyid(c.relowner)), NULL, NULL
              FROM pg_catalog.pg_class c WHERE c.oid < 16384 AND c.relowner <> 10
            UNION ALL
            -- A trigger or a rule on a catalog needs allow_system_table_mods; row security on one hides rows from this very check.
            SELECT 'relation ' || c.oid::regclass || ': row security', NULL, NULL, format('The built-in relation %s has row security', c.oid::regclass), NULL, NULL
              FROM pg_catalog.pg_class c WHERE c.oid < 16384 AND (c.relrowsecurity OR c.relhastriggers OR (c.relhasrules AND c.relkind = 'r'))
            UNION ALL
            SELECT o.what, NULL, NULL, format('The built-in %s belongs to %s', o.what, pg_get_userbyid(o.owner)), NULL, NULL FROM (
              SELECT 'type ' || t.oid::regtype AS what, t.typowner AS owner FROM pg_catalog.pg_type t WHERE t.oid < 16384 AND t.typowner <> 10
              UNION ALL SELECT 'operator ' || p.oid::regoperator, p.oprowner FROM pg_catalog.pg_operator p WHERE p.oid < 16384 AND p.oprowner <> 10
              UNION ALL SELECT 'collation ' || l.collname, l.collowner FROM pg_catalog.pg_collation l WHERE l.oid < 16384 AND l.collowner <> 10
              UNION ALL SELECT 'conversion ' || n.conname, n.conowner FROM pg_catalog.pg_conversion n WHERE n.oid < 16384 AND n.conowner <> 10
              UNION ALL SELECT 'text search configuration ' || g.cfgname, g.cfgowner FROM pg_catalog.pg_ts_config g WHERE g.oid < 16384 AND g.cfgowner <> 10
              UNION ALL SELECT 'text search dictionary ' || i.dictname, i.dictowner FROM pg_catalog.pg_ts_dict i WHERE i.oid < 16384 AND i.dictowner <> 10
              UNION ALL SELECT 'operator class ' || k.opcname, k.opcowner FROM pg_catalog.pg_opclass k WHERE k.oid < 16384 AND k.opcowner <> 10
              UNION ALL SELECT 'operator family ' || f.opfname, f.opfowner FROM pg_catalog.pg_opfamily f WHERE f.oid < 16384 AND f.opfowner <> 10
            ) AS o`,
    },
  ],
);

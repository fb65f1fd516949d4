import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Comments: every role can read those of everybody, so that a customer's name in one is no secret. */
export const commentsScan = scan('comments', '', [
  {
    check: {
      id: 'comment.tenant',
      title: 'A tenant’s schema or role has a comment',
      proves: 'Catalogs, which every tenant can read, do not tell who the customers are.',
      severity: 'medium',
      controls: controls.confidentiality,
      remediation: 'Remove the comment; names of customers belong into the registry.',
    },
    sql: `SELECT 'comment on schema ' || t.name, t.name, NULL, format('The schema %s has a comment that every tenant can read', t.name),
                 jsonb_build_object('length', length(d.description)), format('COMMENT ON SCHEMA %I IS NULL;', t.name)
            FROM pg_catalog.pg_description d JOIN tenant t ON t.schema = d.objoid WHERE d.classoid = 'pg_catalog.pg_namespace'::regclass
          UNION ALL
          SELECT 'comment on role ' || r.name, r.tenant, NULL, format('The role %s has a comment that every tenant can read', r.name),
                 jsonb_build_object('length', length(d.description)), format('COMMENT ON ROLE %I IS NULL;', r.name)
            FROM pg_catalog.pg_shdescription d JOIN role r ON r.oid = d.objoid
           WHERE d.classoid = 'pg_catalog.pg_authid'::regclass AND r.oid >= 16384
             -- Which version of its secret a login has; PostgreSQL tells nobody.
             AND NOT (r.kind = 'login' AND d.description ~ '^tenantry secret [0-9]{1,9}$')
          UNION ALL
          SELECT 'comment on database ' || b.datname, NULL, NULL, format('The database %s has a comment that every tenant can read', b.datname),
                 jsonb_build_object('length', length(d.description)), format('COMMENT ON DATABASE %I IS NULL;', b.datname)
            FROM pg_catalog.pg_shdescription d JOIN pg_catalog.pg_database b ON b.oid = d.objoid
           WHERE d.classoid = 'pg_catalog.pg_database'::regclass AND b.datname = current_database()
             -- initdb says so of the database that everybody has to begin with.
             AND d.description <> 'default administrative connection database'
          UNION ALL
          SELECT 'comment on large object ' || d.objoid, r.tenant, NULL, format('The large object %s has a comment that every tenant can read', d.objoid),
                 jsonb_build_object('length', length(d.description)), format('COMMENT ON LARGE OBJECT %s IS NULL;', d.objoid)
            FROM pg_catalog.pg_description d JOIN pg_catalog.pg_largeobject_metadata l ON l.oid = d.objoid LEFT JOIN role r ON r.oid = l.lomowner
           WHERE d.classoid = 'pg_catalog.pg_largeobject'::regclass`,
  },
  {
    check: {
      id: 'comment.unlike',
      title: 'One tenant’s table has a comment that the others’ do not have',
      proves: 'Comments come from migrations, which are the same for all tenants.',
      severity: 'low',
      controls: controls.confidentiality,
      remediation: 'Remove the comment, or put it into a migration.',
    },
    // A text that stands in one tenant alone, on something that other tenants have as well.
    sql: `SELECT 'comment on ' || pg_describe_object(u.class, u.oid, u.sub), u.tenant, NULL, format('Only the tenant %s has a comment on %s', u.tenant, pg_describe_object(u.class, u.oid, u.sub)),
                 jsonb_build_object('length', length(u.description)),
                 CASE WHEN u.class = 1259 THEN (
                   SELECT CASE WHEN u.sub <> 0 THEN format('COMMENT ON COLUMN %I.%I.%I IS NULL;', u.tenant, c.relname, (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = u.sub))
                               WHEN c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i') THEN format('COMMENT ON %s %I.%I IS NULL;', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, u.tenant, c.relname) END
                     FROM pg_catalog.pg_class c WHERE c.oid = u.oid)
                      WHEN u.class = 1255 THEN format('COMMENT ON ROUTINE %s IS NULL;', u.oid::regprocedure) WHEN u.class = 1247 THEN format('COMMENT ON TYPE %s IS NULL;', u.oid::regtype) END
            FROM (
              SELECT x.class, (array_agg(x.oid))[1] AS oid, d.objsubid AS sub, d.description, min(t.name) AS tenant
                FROM pg_catalog.pg_description d JOIN (
                       SELECT 1259::oid AS class, c.oid, c.relname::text AS name, c.relnamespace AS space FROM pg_catalog.pg_class c
                       UNION ALL SELECT 1255, p.oid, p.proname, p.pronamespace FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
                       UNION ALL SELECT 1247, y.oid, y.typname, y.typnamespace FROM pg_catalog.pg_type y WHERE y.oid >= 16384
                       UNION ALL SELECT 2606, k.oid, k.conname, k.connamespace FROM pg_catalog.pg_constraint k
                       UNION ALL SELECT 2620, g.oid, g.tgname, c.relnamespace FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
                       UNION ALL SELECT 3256, p.oid, p.polname, c.relnamespace FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
                       UNION ALL SELECT 2618, w.oid, w.rulename, c.relnamespace FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
                       UNION ALL SELECT 3381, s.oid, s.stxname, s.stxnamespace FROM pg_catalog.pg_statistic_ext s
                     ) AS x ON x.class = d.classoid AND x.oid = d.objoid
                JOIN tenant t ON t.schema = x.space
               WHERE d.objoid >= 16384
               GROUP BY x.class, x.name, d.objsubid, d.description HAVING count(DISTINCT t.name) = 1
            ) AS u WHERE (SELECT count(*) FROM tenant) > 1`,
  },
]);

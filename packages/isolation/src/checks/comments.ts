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
             AND NOT (r.kind = 'login' AND d.description ~ '^tenantry secret [0-9]{1,9}$')`,
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
    sql: `SELECT format('comment on %I.%I%s', t.name, c.relname, CASE d.objsubid WHEN 0 THEN '' ELSE ' column ' || d.objsubid END), t.name, NULL,
                 format('Only %s.%s has this comment', t.name, c.relname), jsonb_build_object('length', length(d.description)),
                 CASE d.objsubid WHEN 0 THEN format('COMMENT ON TABLE %I.%I IS NULL;', t.name, c.relname) END
            FROM (
              SELECT (array_agg(d.objoid))[1] AS objoid, d.objsubid, d.description, count(*) OVER () AS any FROM pg_catalog.pg_description d
                JOIN pg_catalog.pg_class c ON c.oid = d.objoid JOIN tenant t ON t.schema = c.relnamespace
               WHERE d.classoid = 'pg_catalog.pg_class'::regclass GROUP BY c.relname, d.objsubid, d.description HAVING count(*) = 1
            ) AS d JOIN pg_catalog.pg_class c ON c.oid = d.objoid JOIN tenant t ON t.schema = c.relnamespace
           WHERE (SELECT count(*) FROM pg_catalog.pg_class o JOIN tenant x ON x.schema = o.relnamespace WHERE o.relname = c.relname AND o.relkind = c.relkind) > 1`,
  },
]);

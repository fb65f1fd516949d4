import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** Default privileges: what nobody has yet, and the next migration gives away. */
export const defaultsScan = scan(
  'defaults',
  `,
kind_of (letter, name) AS (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS'), ('L', 'LARGE OBJECTS')),
held AS MATERIALIZED (
  SELECT d.defaclrole, o.name AS owner, o.kind AS owner_kind, o.tenant, n.nspname AS space, k.letter, k.name AS objects,
         a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable, r.kind AS grantee_kind, r.tenant AS grantee_tenant,
         CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(coalesce(r.name, a.grantee::text)) END AS who
    FROM pg_catalog.pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
    JOIN role o ON o.oid = d.defaclrole JOIN kind_of k ON k.letter = d.defaclobjtype::text
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    LEFT JOIN role r ON r.oid = a.grantee
),
stray AS (
  SELECT h.* FROM held h
   WHERE h.grantee <> h.defaclrole AND h.owner_kind <> 'operator' AND (h.grantable OR h.grantee = 0 OR NOT EXISTS (
     SELECT FROM default_rule x WHERE x.role = h.owner_kind AND x.objects = h.letter AND x.grantee = h.grantee_kind
        AND x.privilege = h.privilege AND (NOT x.same OR h.tenant = h.grantee_tenant) AND h.space IS NULL))
),
-- Of one tenant by its name, the others by themselves: both in one condition would be every owner with every login.
pair AS MATERIALIZED (
  SELECT x.*, o.oid AS owner, r.oid AS grantee_oid FROM default_rule x JOIN role o ON o.kind = x.role AND o.here JOIN role r ON r.kind = x.grantee AND r.tenant = o.tenant WHERE x.same
  UNION ALL
  SELECT x.*, o.oid, r.oid FROM default_rule x JOIN role o ON o.kind = x.role AND (o.here OR o.tenant IS NULL) JOIN role r ON r.kind = x.grantee WHERE NOT x.same
),
absent AS (
  SELECT o.name AS owner, o.tenant, k.name AS objects, k.letter, r.name AS role, string_agg(x.privilege, ', ' ORDER BY x.privilege) AS privileges
    FROM pair x JOIN role o ON o.oid = x.owner JOIN role r ON r.oid = x.grantee_oid JOIN kind_of k ON k.letter = x.objects
   WHERE NOT EXISTS (SELECT FROM held h WHERE h.defaclrole = o.oid AND h.letter = x.objects AND h.grantee = r.oid AND h.privilege = x.privilege AND h.space IS NULL)
   GROUP BY o.name, o.tenant, k.name, k.letter, r.name
)`,
  [
    {
      check: {
        id: 'default.unknown',
        title: 'What will be created is granted to somebody it should not be',
        proves:
          'Tables, sequences, functions, types, schemas and large objects of the next migration are usable by their tenant and by nobody else.',
        severity: 'high',
        controls: controls.access,
        remediation: 'Take the default privilege back, and look at what has been created since it was given.',
      },
      sql: `SELECT format('default privileges of %s on %s%s: %s for %s', s.owner, lower(s.objects), coalesce(' in ' || s.space, ''), s.privilege, s.who), s.tenant,
                   CASE WHEN s.grantee = 0 OR s.grantee_tenant IS DISTINCT FROM s.tenant THEN 'high' ELSE 'medium' END,
                   format('%s will hold %s on %s that %s creates', s.who, s.privilege, lower(s.objects), s.owner),
                   jsonb_build_object('privilege', s.privilege, 'grantable', s.grantable),
                   format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE %s ON %s FROM %s;', s.owner, coalesce(' IN SCHEMA ' || quote_ident(s.space), ''), s.privilege, s.objects, s.who)
              FROM stray s`,
    },
    {
      check: {
        id: 'default.missing',
        title: 'What will be created is not granted as it should be',
        proves:
          'A later migration needs no GRANT, and PUBLIC does not get the functions and types that PostgreSQL would give it.',
        severity: 'high',
        controls: controls.configuration,
        remediation: 'Set the default privileges of the owner again.',
      },
      sql: `SELECT format('default privileges of %s on %s: no %s for %s', a.owner, lower(a.objects), a.privileges, a.role), a.tenant,
                   CASE WHEN a.letter IN ('f', 'T') THEN 'high' ELSE 'medium' END,
                   format('%s will not hold %s on %s that %s creates%s', a.role, a.privileges, lower(a.objects), a.owner,
                          CASE WHEN a.letter IN ('f', 'T') THEN '; PUBLIC may hold it instead' ELSE '' END),
                   jsonb_build_object('privileges', a.privileges),
                   format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT %s ON %s TO %I;', a.owner, a.privileges, a.objects, a.role)
                   || CASE a.letter WHEN 'f' THEN format(' ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;', a.owner)
                                    WHEN 'T' THEN format(' ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE USAGE ON TYPES FROM PUBLIC;', a.owner) ELSE '' END
              FROM absent a`,
    },
  ],
);

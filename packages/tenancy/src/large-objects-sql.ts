import pg from 'pg';

const { escapeLiteral } = pg;

/**
 * Takes from roles what they were granted on large objects of others, which keeps a role from being dropped; run as the control
 * role, in a transaction. As the owner of each object, from which all privileges on it come: those that were handed on go with
 * the right to hand them on. Only what somebody has granted across tenants is found here, and nobody has a claim to that.
 */
export function revokeLargeObjectsSql(roles: readonly string[]): string {
  const names = roles.map(escapeLiteral).join(', ');
  return `
    DO $do$
    DECLARE found record;
    BEGIN
      FOR found IN
        SELECT l.oid AS id, pg_get_userbyid(l.lomowner) AS owner, string_agg(DISTINCT quote_ident(pg_get_userbyid(a.grantee)), ', ') AS grantees
          FROM pg_largeobject_metadata l CROSS JOIN LATERAL aclexplode(l.lomacl) a
         WHERE a.grantee NOT IN (0, l.lomowner) AND (a.is_grantable OR pg_get_userbyid(a.grantee) IN (${names}))
           AND l.oid IN (SELECT d.objid FROM pg_shdepend d
                          WHERE d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                            AND d.classid = 'pg_largeobject'::regclass AND d.deptype = 'a' AND d.refclassid = 'pg_authid'::regclass
                            AND d.refobjid IN (SELECT oid FROM pg_roles WHERE rolname IN (${names})))
         GROUP BY l.oid, l.lomowner LOOP
        EXECUTE format('SET LOCAL ROLE %I', found.owner);
        EXECUTE format('REVOKE ALL ON LARGE OBJECT %s FROM %s CASCADE', found.id, found.grantees);
        RESET ROLE;
      END LOOP;
    END $do$`;
}

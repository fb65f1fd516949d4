import { controls } from './controls.ts';
import { scan } from './scan.ts';

/** The functions that lend tenants to slots: most run as their owners, so that each is compared letter by letter. */
export const leasesScan = scan(
  'leases',
  `,
expected AS MATERIALIZED (
  SELECT replace(x.name, '{schema}', t.name) AS name, x.arguments, replace(x.body, '{schema}', t.name) AS body, t.name AS tenant,
         CASE x.owner WHEN 'owner' THEN t.owner_name END AS owner, x.owner AS owner_kind, x.required, x.definer, x.language
    FROM lease_rule x CROSS JOIN tenant t WHERE x.each
  UNION ALL
  SELECT x.name, x.arguments, x.body, NULL, NULL, x.owner, x.required, x.definer, x.language FROM lease_rule x WHERE NOT x.each
),
found AS MATERIALIZED (
  SELECT p.oid, p.proname::text AS name, oidvectortypes(p.proargtypes) AS arguments, p.prosrc, p.prosecdef, p.proconfig, l.lanname,
         r.name AS owner, r.kind AS owner_kind, p.provolatile, p.proleakproof, p.prosqlbody
    FROM pg_catalog.pg_proc p JOIN space s ON s.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    LEFT JOIN role r ON r.oid = p.proowner
   WHERE s.kind = 'lease'
)`,
  [
    {
      check: {
        id: 'lease.changed',
        title: 'A function that leases is not as it was made',
        proves:
          'Each lease function has the body, the owner, the search path and the arguments that the library gives it, and lends its own tenant only.',
        severity: 'critical',
        controls: controls.configuration,
        remediation: 'Make the tenant’s lease functions again; look at which leases were given meanwhile.',
      },
      sql: `SELECT format('function %I(%s)', f.name, f.arguments), e.tenant, NULL, format('The lease function %s has another %s than it was made with', f.name, array_to_string(why, ', ')),
                   jsonb_build_object('differs', to_jsonb(why)), NULL
              FROM found f LEFT JOIN expected e ON e.name = f.name AND e.arguments = f.arguments
              CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
                CASE WHEN f.prosrc <> e.body OR f.prosqlbody IS NOT NULL THEN 'body' END,
                CASE WHEN f.prosecdef <> e.definer THEN 'SECURITY' END,
                CASE WHEN f.proconfig IS DISTINCT FROM CASE WHEN e.definer THEN ARRAY['search_path=pg_catalog, pg_temp'] END THEN 'configuration' END,
                CASE WHEN f.lanname <> e.language THEN 'language' END,
                CASE WHEN f.provolatile <> 'v' OR f.proleakproof THEN 'volatility' END,
                CASE WHEN f.owner IS DISTINCT FROM coalesce(e.owner, f.owner) OR f.owner_kind IS DISTINCT FROM e.owner_kind THEN 'owner' END], NULL) AS why) AS different
             WHERE e.name IS NOT NULL AND cardinality(why) > 0
            UNION ALL
            SELECT format('function %I(%s)', f.name, f.arguments), NULL, NULL, format('There is a function %s(%s) among those that lease', f.name, f.arguments), NULL, NULL
              FROM found f WHERE NOT EXISTS (SELECT FROM expected e WHERE e.name = f.name AND e.arguments = f.arguments)
               AND EXISTS (SELECT FROM lease_rule)`,
    },
    {
      check: {
        id: 'lease.missing',
        title: 'A function that leases is not there',
        proves: 'Every tenant can be leased, and every lease taken back.',
        severity: 'medium',
        controls: controls.configuration,
        remediation:
          'Make the tenant’s lease functions again: the control plane does it when it next settles the tenant.',
      },
      sql: `SELECT format('function %I(%s)', e.name, e.arguments), e.tenant, NULL, format('The lease function %s is not there', e.name), NULL::jsonb, NULL
              FROM expected e LEFT JOIN registered g ON g.schema = e.tenant LEFT JOIN role r ON r.kind = 'login' AND r.tenant = e.tenant
             WHERE e.required AND NOT EXISTS (SELECT FROM found f WHERE f.name = e.name AND f.arguments = e.arguments)
               AND (e.tenant IS NULL OR CASE WHEN g.state IS NULL THEN r.rolcanlogin ELSE g.state = 'open' END)`,
    },
  ],
);

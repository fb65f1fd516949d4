import { isCanaryRole } from '@tenantry/isolation';
import type pg from 'pg';

/**
 * Names of roles that a run of attacks has made and not yet removed, as one of the command line beside ours. They are told by name,
 * by the comment that only a role with CREATEROLE could have put there, and by the connection which that run keeps open.
 */
export async function liveCanaries(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT r.rolname::text AS role FROM pg_catalog.pg_roles r
      WHERE r.rolname ~ '^(t_canary|tenantry_canary_)'
        AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_roles l ON l.oid = a.usesysid
                     WHERE a.application_name = replace(pg_catalog.shobj_description(r.oid, 'pg_authid'), 'tenantry canary ', 'tenantry isolation ')
                       AND (l.rolcreaterole OR l.rolsuper))`,
  );
  return rows.map(({ role }) => role).filter(isCanaryRole);
}

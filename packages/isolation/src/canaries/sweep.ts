import { isTenantId, leaseSchema, type TenantId } from '@tenantry/tenancy';
import pg from 'pg';
import { applicationNameOf, canaryRolePattern, runOf } from './names.ts';
import { dropRolesSql, endBackendsSql } from './sql.ts';

const { escapeIdentifier } = pg;

/** What a run left, and a later one took away. */
export interface Swept {
  readonly run: string;
  readonly roles: readonly string[];
  /** Why they could not be removed; null where they were. */
  readonly failure: string | null;
}

/**
 * Removes the canaries of runs that are no more: roles with a canary's name and comment whose run has no connection left. A run
 * that is under way keeps one open from before its first role to after its last. As the control role; safe to run again, and by
 * several at once. What cannot be removed is told with the reason.
 */
export async function sweepCanaries(client: pg.ClientBase): Promise<readonly Swept[]> {
  const byRun = new Map<string, string[]>();
  for (const { role, mark } of await markedRoles(client)) {
    const run = runOf(mark);
    if (run !== undefined) byRun.set(run, [...(byRun.get(run) ?? []), role]);
  }
  const swept: Swept[] = [];
  for (const [run, roles] of byRun) {
    if (await isAlive(client, run)) continue;
    // What stands in the way of one is no reason not to begin another.
    const failure = await removeRoles(client, roles).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    swept.push({ run, roles, failure });
  }
  return swept;
}

/** Removes roles of a run with all that is theirs; harmless where another has done so meanwhile. */
export async function removeRoles(client: pg.ClientBase, roles: readonly string[]): Promise<void> {
  const leased = await hasLeases(client);
  const logins = roles.filter((role) => !role.endsWith('_owner'));
  const tenants = logins.filter((role): role is TenantId & string => isTenantId(role));
  const controls = logins.filter((role) => !isTenantId(role));
  for (const login of logins) await tolerantly(client, `ALTER ROLE ${escapeIdentifier(login)} NOLOGIN`);
  for (const login of logins) await tolerantly(client, endBackendsSql(login));
  await tolerantly(client, dropRolesSql(controls, tenants, leased));
}

/** True on a cell whose tenants can be leased. */
export async function hasLeases(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS found', [
    leaseSchema,
  ]);
  return rows[0]!.found;
}

async function markedRoles(client: pg.ClientBase): Promise<readonly { role: string; mark: string | null }[]> {
  const { rows } = await client.query<{ role: string; mark: string | null }>(
    `SELECT rolname::text AS role, shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname ~ $1`,
    [canaryRolePattern],
  );
  return rows;
}

/** Asked of sessions whose login may make roles, or is the caller's: any tenant can call its session as it likes. */
export async function isAlive(client: pg.ClientBase, run: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
      WHERE a.application_name = $1 AND (r.rolcreaterole OR r.rolsuper OR r.rolname = current_user)`,
    [applicationNameOf(run)],
  );
  return rowCount !== 0;
}

/** undefined_object, and what two that remove the same role at once get. */
const goneStates: readonly string[] = ['42704', 'XX000', '40001'];

async function tolerantly(client: pg.ClientBase, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    await client.query('ROLLBACK; RESET ROLE');
    if (!goneStates.includes((error as pg.DatabaseError).code ?? '')) throw error;
  }
}

import pg from 'pg';
import { expect } from 'vitest';
import { sealedConnection, tenantId } from '@tenantry/tenancy';
import { parseCellUrl } from '../../../src/db/cells/address.ts';
import { credentialKey } from '../../../src/db/secrets.ts';
import { until } from '../../support/until.ts';

export interface Place {
  readonly superuser: pg.Pool;
  readonly controlUrl: string;
  readonly home: string;
}

interface Counts {
  readonly operations: readonly string[];
  readonly jobs: readonly string[];
  /** Backends of the control plane that wait for a lock, or hold a transaction open. */
  readonly waiting: readonly string[];
}

/** Waits until no operation is unfinished and no job of one is left, then for backends to end what they were doing. */
export async function quiet({ superuser }: Place, withinMs = 25_000): Promise<void> {
  let left: Counts | undefined;
  try {
    await until(
      'everything has come to its end',
      async () => {
        const { rows } = await superuser.query<Counts>(`
        SELECT ARRAY(SELECT concat_ws(' ', tenant_slug, state, 'run', run) FROM tenantry.operations
                      WHERE finished_at IS NULL) AS operations,
               ARRAY(SELECT concat_ws(' ', data, state, retry_count, start_after) FROM pgboss.job
                      WHERE name = 'operation' AND state IN ('created', 'retry', 'active')) AS jobs,
               ARRAY(SELECT concat_ws(' ', pid, application_name, state, wait_event, pg_blocking_pids(pid)::text, left(query, 200)) FROM pg_stat_activity
                      WHERE (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock') AND pid <> pg_backend_pid()
                        AND application_name <> '') AS waiting`);
        left = rows[0]!;
        return left.operations.length + left.jobs.length + left.waiting.length === 0;
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(`Not quiet: ${JSON.stringify(left, undefined, 1)}`, { cause: error });
  }
}

/**
 * The promise of provisioning, looked up by a superuser: every tenant stands whole and can be leased, and there is no schema,
 * role, spare, function, privilege, lock or open transaction besides. Gives the slugs of those that stand.
 */
export async function expectTruth(place: Place, options: { readonly revisions: number }): Promise<string[]> {
  const { superuser } = place;
  const tenants = await superuser.query<{ id: string; slug: string; state: string }>(
    `SELECT id, slug, state FROM tenantry.tenants WHERE state <> 'deleted' ORDER BY slug`,
  );
  const spares = await superuser.query<{ id: string; state: string }>(
    'SELECT id, state FROM tenantry.spares',
  );
  expect(spares.rows.filter(({ state }) => state !== 'ready')).toEqual([]);
  const owned = [...tenants.rows, ...spares.rows].map(({ id }) => id).toSorted();

  const there = await superuser.query<{
    schemas: string[];
    logins: string[];
    owners: string[];
    lessors: string[];
    makers: string[];
    blobs: string;
  }>(`
    SELECT ARRAY(SELECT nspname::text COLLATE "C" FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$' ORDER BY 1) AS schemas,
           ARRAY(SELECT rolname::text COLLATE "C" FROM pg_roles WHERE rolname ~ '^t_[a-z2-7]{12}$' ORDER BY 1) AS logins,
           ARRAY(SELECT left(rolname, -6)::text COLLATE "C" FROM pg_roles WHERE rolname ~ '^t_[a-z2-7]{12}_owner$' ORDER BY 1) AS owners,
           ARRAY(SELECT right(proname, 14) COLLATE "C" FROM pg_proc
                  WHERE pronamespace = 'tenantry_lease'::regnamespace AND proname ~ '^(grant|revoke)_t_'
                  GROUP BY 1 HAVING count(*) = 2 ORDER BY 1) AS lessors,
           ARRAY(SELECT e.grantee::regrole::text FROM pg_namespace n, aclexplode(n.nspacl) e
                  WHERE n.nspname = 'tenantry_lease' AND e.privilege_type = 'CREATE' AND e.grantee <> n.nspowner) AS makers,
           (SELECT count(*) FROM pg_largeobject_metadata) AS blobs`);
  const whole = { schemas: owned, logins: owned, owners: owned, lessors: owned };
  expect(there.rows[0]).toEqual({ ...whole, makers: [], blobs: '0' });

  const locks = await superuser.query(`
    SELECT a.application_name, a.query FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND (NOT l.granted OR a.application_name = 'tenantry cell')`);
  expect(locks.rows).toEqual([]);
  for (const { id } of tenants.rows) {
    const history = await superuser.query<{ total: string; done: string }>(
      `SELECT count(*) AS total, count(*) FILTER (WHERE success) AS done FROM ${pg.escapeIdentifier(id)}.flyway_schema_history`,
    );
    const all = String(options.revisions);
    expect(history.rows[0], id).toEqual({ total: all, done: all });
  }
  const audit = await superuser.query<{ problem: string | null }>(
    'SELECT problem FROM tenantry_audit.verify()',
  );
  expect(audit.rows[0]?.problem).toBeNull();
  return tenants.rows.map(({ slug }) => slug);
}

export interface Story {
  /** What the newest operation on the tenant came to, with the code of its error. */
  readonly operation: string;
  /** Its steps that did not succeed. */
  readonly unfinished: readonly string[];
  /** What the audit trail says about it, oldest first. */
  readonly audit: readonly string[];
}

/** What is told about a tenant afterwards; undefined when nothing is, because its request never was accepted. */
export async function storyOf({ superuser }: Place, slug: string): Promise<Story | undefined> {
  const operations = await superuser.query<{ id: string; tenant_id: string; text: string }>(
    `SELECT id, tenant_id, concat_ws(' ', state, error ->> 'code') AS text FROM tenantry.operations
      WHERE tenant_slug = $1 ORDER BY created_at DESC LIMIT 1`,
    [slug],
  );
  const operation = operations.rows[0];
  if (!operation) return undefined;
  const steps = await superuser.query<{ name: string; state: string }>(
    'SELECT name, state FROM tenantry.operation_steps WHERE operation_id = $1 ORDER BY position',
    [operation.id],
  );
  const audit = await superuser.query<{ text: string }>(
    `SELECT concat_ws(' ', action, outcome) AS text FROM tenantry_audit.events WHERE tenant_id = $1 ORDER BY seq`,
    [operation.tenant_id],
  );
  return {
    operation: operation.text,
    unfinished: steps.rows
      .filter(({ state }) => state !== 'succeeded')
      .map(({ name, state }) => `${name} ${state}`),
    audit: audit.rows.map(({ text }) => text),
  };
}

/** `open` when an application could work for the tenant with the secret that the control plane derives, else the SQLSTATE. */
export async function tryLogin(place: Place, slug: string): Promise<string> {
  const { rows } = await place.superuser.query<{ schema_name: string; credential_version: number }>(
    'SELECT schema_name, credential_version FROM tenantry.tenants WHERE slug = $1',
    [slug],
  );
  const { schema_name: schema, credential_version: credentialVersion } = rows[0]!;
  const client = new pg.Client(
    sealedConnection({
      cell: parseCellUrl(place.controlUrl).address,
      tenant: tenantId(schema),
      credentialKey: await credentialKey(place.home, undefined),
      credentialVersion,
    }),
  );
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT FROM flyway_schema_history');
    return 'open';
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? 'unknown') : String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

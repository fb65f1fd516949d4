import pg from 'pg';
import { ownerOf, revokeLargeObjectsSql, tenantId, type TenantId } from '@tenantry/tenancy';
import { advisoryKey, takeAdvisorySql } from '../../db/advisory-lock.ts';
import type { Cell } from '../../db/cells/registry.ts';
import { TenantryError } from '../../errors.ts';
import { endBackends } from '../login.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** What stands of a tenant on its cell. */
export interface Standing {
  readonly schema: boolean;
  readonly role: boolean;
}

/**
 * Begins a transaction and says what stands of a tenant. From here to the end of the connection's use, past the
 * transaction, nobody else makes or removes its schema.
 *
 * Whoever does so now is ended: the caller has just been given the operation, so the other is a worker that was thought
 * dead, or the backend of one that is. Waiting for it could take as long as its migration, or for ever.
 *
 * One message where nobody is in the way; each of its statements has a snapshot of its own, so the answer is from after
 * the lock. From tables, since to_regrole() answers from a cache that is not renewed by then.
 */
export async function beginAlone(client: pg.ClientBase, tenant: TenantId): Promise<Standing> {
  const name = escapeLiteral(tenant);
  const lock = { name: `tenantry.tenant:${tenant}` };
  const key = advisoryKey(lock);
  const begin = `
    BEGIN;
    SELECT pg_try_advisory_lock(${key}) AS mine;
    SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ${name}) AS schema,
           EXISTS (SELECT FROM pg_roles WHERE rolname = ${name}) AS role`;
  // A text of several statements makes pg answer with one result for each; its types say a single one.
  const ask = async () => (await client.query(begin)) as unknown as readonly pg.QueryResult[];
  const [, taken, standing] = await ask();
  if (taken?.rows[0]?.mine === true) return standing!.rows[0] as Standing;
  await client.query(`
    ROLLBACK;
    SELECT pg_terminate_backend(a.pid, 5000) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND (l.classid::bigint << 32) | l.objid::bigint = ${key}
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.usename = current_user;
    ${takeAdvisorySql(lock)}`);
  // The lock is counted; cleaning the connection gives back all of it.
  return (await ask()).at(-1)!.rows[0] as Standing;
}

/** True when no migration in the history of a schema that stands is unfinished. */
export async function isComplete(client: pg.ClientBase, tenant: TenantId): Promise<boolean> {
  await client.query(`SET LOCAL ROLE ${escapeIdentifier(ownerOf(tenant))}`);
  const { rows } = await client.query<{ complete: boolean }>(
    `SELECT coalesce(bool_and(success), false) AS complete FROM ${escapeIdentifier(tenant)}.flyway_schema_history`,
  );
  await client.query('RESET ROLE');
  return rows[0]!.complete;
}

/**
 * Removes a tenant from its cell: connections, schema, large objects, roles. Leaves nothing; safe to run again.
 * One tenant a transaction: dropping a schema of 20 tables takes some 350 locks.
 */
export async function dropSchema(cell: Cell, tenant: string): Promise<{ readonly existed: boolean }> {
  const id = tenantId(tenant);
  return cell.withConnection(async (client) => {
    // Under the lock: a build that is about to commit is not seen yet, and would stand when we are gone.
    const { role } = await beginAlone(client, id);
    if (!role) {
      await client.query('ROLLBACK');
      return { existed: false };
    }
    await client.query(`ALTER ROLE ${escapeIdentifier(id)} NOLOGIN; COMMIT`);
    await endBackends(client, id);
    await dropPatiently(client, id);
    return { existed: true };
  });
}

/** How often a drop is tried that other tenants' transactions are in the way of. */
const tries = 3;
/** A role that somebody's open transaction has granted something cannot be dropped until that ends. */
const lockTimeoutMs = 5_000;
/** A lock that was not given in time, and a role that was granted something just now. */
const inTheWay = new Set(['55P03', '2BP01', '40P01']);

async function dropPatiently(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  for (let left = tries; ; left -= 1) {
    await client.query('BEGIN');
    try {
      await dropInTransaction(client, tenant);
      await client.query('COMMIT');
      return;
    } catch (error) {
      await client.query('ROLLBACK');
      if (!(error instanceof pg.DatabaseError) || !inTheWay.has(error.code ?? '')) throw error;
      if (left > 1) continue;
      // Something is there that stays, and its name is in what PostgreSQL says.
      if (error.code === '2BP01') throw error;
      throw new TenantryError(
        'INTERNAL',
        "Another transaction holds the tenant's roles or what was granted to them, and does not end. End it and try again.",
        {},
        error,
      );
    }
  }
}

/** The same inside a transaction of the caller, for a tenant whose roles stand and whom nobody is connected as. */
export async function dropInTransaction(client: pg.ClientBase, tenant: TenantId): Promise<void> {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(ownerOf(tenant));
  // DROP OWNED as each role itself: the control role holds SET on them and nothing more. It takes the schema, what is in
  // it, the default privileges and, unlike DROP SCHEMA, the large objects that either role made.
  await client.query(`
    SET LOCAL ROLE ${owner};
    DROP OWNED BY ${owner} CASCADE;
    SET LOCAL ROLE ${role};
    DROP OWNED BY ${role} CASCADE;
    RESET ROLE;
    SET LOCAL lock_timeout = ${lockTimeoutMs}`);
  // Anybody may grant anybody something on a large object of their own, and DROP OWNED takes only what its caller has granted.
  await client.query(revokeLargeObjectsSql([tenant, ownerOf(tenant)]));
  await client.query(`DROP ROLE ${role}; DROP ROLE ${owner}; SET LOCAL lock_timeout TO DEFAULT`);
}

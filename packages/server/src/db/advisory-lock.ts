import pg from 'pg';
import { sqlStateOf } from './pg-errors.ts';

const { escapeLiteral } = pg;

/** How long one wait of a lock takes before its holders are looked at again, and how many there are. */
const waitMs = 1_000;
const mostWaits = 50;

/** Logins that run the SQL of others: tenants, slots that they are leased on, and readers. They have no use for our locks. */
const strangers = '^(t_[a-z2-7]{12}|tenantry_slot_[0-9]+|tenantry_reader_[a-z2-7]{12})$';

export interface AdvisoryLock {
  readonly name: string;
  /** The second argument of `hashtextextended`. Default 0. */
  readonly seed?: 0 | 1;
  /** Default `session`. */
  readonly until?: 'session' | 'transaction';
  readonly shared?: boolean;
  /** How often it is waited for, a second each. Default 50. */
  readonly waits?: number;
}

/** The key of a lock, as an expression of SQL. */
export function advisoryKey({ name, seed = 0 }: AdvisoryLock): string {
  return `hashtextextended(${escapeLiteral(name)}, ${seed})`;
}

/** The expression that takes a lock if it is free. */
export function tryAdvisorySql(lock: AdvisoryLock): string {
  return `${functionOf('pg_try_advisory', lock)}(${advisoryKey(lock)})`;
}

/**
 * A statement that takes an advisory lock, and ends whoever has no business with it. Every login of a database can take every
 * key, and pg_locks shows which are wanted: a tenant that holds one would stop the control plane for as long as it likes, and
 * is ended for it, as itself, which is the least that may end it. PostgreSQL's log then tells which. Who else holds the lock is
 * waited for.
 *
 * The wait is begun before the ended have let go: locks are given in the order in which they were asked for, so a tenant that
 * comes again is behind. Fails with 55P03 and the name of the holder when it takes too long. To be run as the control role
 * itself, since it resets the role.
 */
export function takeAdvisorySql(lock: AdvisoryLock): string {
  return takeSql(lock, '');
}

/** `giveUp` runs when the holders have been looked at and `ended` of them were strangers. */
function takeSql(lock: AdvisoryLock, giveUp: string): string {
  return `
    DO $take$
    DECLARE
      key bigint := ${advisoryKey(lock)};
      before text := current_setting('lock_timeout');
      holder record;
      held_by text;
      ended integer;
    BEGIN
      FOR attempt IN 1..${lock.waits ?? mostWaits} LOOP
        IF ${functionOf('pg_try_advisory', lock)}(key) THEN
          PERFORM set_config('lock_timeout', before, true);
          RETURN;
        END IF;
        PERFORM pg_stat_clear_snapshot();
        held_by := NULL;
        ended := 0;
        FOR holder IN
          -- One that is just ending has no name any more.
          SELECT a.pid, coalesce(a.usename::text, '') AS login, l.granted FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
           WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND (l.classid::bigint << 32) | l.objid::bigint = key
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
        LOOP
          IF holder.granted THEN held_by := format('%s (pid %s)', holder.login, holder.pid); END IF;
          CONTINUE WHEN holder.login !~ '${strangers}';
          BEGIN
            EXECUTE format('SET LOCAL ROLE %I', holder.login);
            PERFORM pg_terminate_backend(holder.pid);
            RESET ROLE;
            ended := ended + 1;
            RAISE WARNING 'tenantry has ended a session of %, which held a lock of the control plane', holder.login;
          EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value OR undefined_object THEN NULL;
          END;
        END LOOP;
        ${giveUp}
        BEGIN
          PERFORM set_config('lock_timeout', '${waitMs}ms', true);
          PERFORM ${functionOf('pg_advisory', lock)}(key);
          PERFORM set_config('lock_timeout', before, true);
          RETURN;
        EXCEPTION WHEN lock_not_available THEN NULL;
        END;
      END LOOP;
      PERFORM set_config('lock_timeout', before, true);
      RAISE lock_not_available USING MESSAGE = format('The lock %s was not free in time; it is held by %s.',
        ${escapeLiteral(lock.name)}, coalesce(held_by, 'somebody who has gone meanwhile'));
    END $take$`;
}

/** Takes a lock as {@link takeAdvisorySql} does. Where it is free, which is almost always, that is one small query. */
export async function takeAdvisoryLock(client: pg.ClientBase, lock: AdvisoryLock): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT ${tryAdvisorySql(lock)} AS taken`);
  if (rows[0]!.taken) return;
  await client.query(takeAdvisorySql(lock));
}

/** The same for a caller that does not wait for one of us. Outside a transaction. */
export async function tryAdvisoryLock(client: pg.ClientBase, lock: AdvisoryLock): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT ${tryAdvisorySql(lock)} AS taken`);
  if (rows[0]!.taken) return true;
  try {
    await client.query(takeSql(lock, 'EXIT WHEN ended = 0;'));
    return true;
  } catch (error) {
    if (sqlStateOf(error) !== '55P03') throw error;
    return false;
  }
}

function functionOf(prefix: string, { until = 'session', shared = false }: AdvisoryLock): string {
  return `${prefix}${until === 'transaction' ? '_xact' : ''}_lock${shared ? '_shared' : ''}`;
}

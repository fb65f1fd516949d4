import pg from 'pg';
import { harmlessSettings, leaseSchema, resetStored, slotGroup } from '@tenantry/tenancy';
import { dropLargeObjects, dropSlotSql, endSessions, inThisDatabase, revokeFrom } from './leases.ts';

const { escapeLiteral } = pg;

/** A session of a slot that holds nobody for so long is none of the library's, which logs in to lease at once. */
const strangerAfterMs = 60_000;
/** A tenant can hold the row of its slot's role for as long as it likes. */
const lockTimeoutMs = 2_000;
/** No statement of an application on a lease is taken to last longer. */
const longestStatementMs = 3_600_000;

/** What was not as it has to be. */
export interface MendedSlots {
  /** Slots that held a tenant without being connected: their process died. */
  readonly orphans: readonly string[];
  /** Slots with settings that nobody could take away. They are gone, and have to be made again. */
  readonly dropped: readonly string[];
}

/**
 * Takes away what a killed process has left of leases, and what a tenant may have made as the login behind one. As the control
 * role, outside a transaction; safe to run again, and beside applications that use the slots.
 */
export async function mendSlots(client: pg.ClientBase): Promise<MendedSlots> {
  const orphans: string[] = [];
  for (const slot of await orphansOf(client)) if (await takeBack(client, slot)) orphans.push(slot);
  // Before the rest: a stranger may hold the row of its role.
  await endStrangers(client);
  await shutLeftOpen(client);
  await dropObjects(client);
  const dropped: string[] = [];
  for (const slot of await spoiled(client)) if (await dropSpoiled(client, slot)) dropped.push(slot);
  return { orphans, dropped };
}

/**
 * Slots that nobody uses and that settings are stored on. Opening a slot takes them away, but for those of a library that only
 * the tenant's session has loaded: PostgreSQL lets nobody but a superuser touch what it does not know.
 */
async function spoiled(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT DISTINCT l.slot FROM ${leaseSchema}.slots l JOIN pg_roles r ON r.rolname = l.slot
       JOIN pg_db_role_setting s ON s.setrole = r.oid, unnest(s.setconfig) setting
      WHERE split_part(setting, '=', 1) NOT IN (${harmlessSettings}) AND NOT r.rolcanlogin
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = l.slot)`,
  );
  return rows.map(({ slot }) => slot);
}

/** False where all could be taken away, or somebody has opened it meanwhile. */
function dropSpoiled(client: pg.ClientBase, slot: string): Promise<boolean> {
  return underLock(client, slot, async () => {
    if (!(await spoiled(client)).includes(slot)) return false;
    await client.query(
      `DO $do$ DECLARE stored record; BEGIN ${resetStored(escapeLiteral(slot), 'NULL;')} END $do$`,
    );
    if (!(await spoiled(client)).includes(slot)) return false;
    await client.query(dropSlotSql(slot));
    return true;
  });
}

/** In a transaction, and where nobody opens the slot or leases to it at the moment; else false. */
async function underLock(
  client: pg.ClientBase,
  slot: string,
  work: () => Promise<boolean>,
): Promise<boolean> {
  await client.query(`BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
  try {
    const { rowCount } = await client.query(
      `SELECT FROM ${leaseSchema}.slots l WHERE l.slot = $1 FOR UPDATE SKIP LOCKED`,
      [slot],
    );
    // In statements of their own: what they see is as new as the lock.
    const done = rowCount === 1 && (await work());
    await client.query('COMMIT');
    return done;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** A process that died between opening a slot and shutting it has left it open, and so has an earlier version every slot. */
async function shutLeftOpen(client: pg.ClientBase): Promise<void> {
  await client.query(`
    DO $do$
    DECLARE slot text;
    BEGIN
      SET LOCAL lock_timeout = ${lockTimeoutMs};
      FOR slot IN SELECT l.slot FROM ${leaseSchema}.slots l JOIN pg_roles r ON r.rolname = l.slot
                   WHERE r.rolcanlogin AND coalesce(l.opened_at < clock_timestamp() - interval '1 minute', true)
                     FOR NO KEY UPDATE OF l SKIP LOCKED LOOP
        EXECUTE format('ALTER ROLE %I NOLOGIN', slot);
      END LOOP;
    END $do$`);
}

/**
 * Ends sessions of slots that hold nobody, by default for a minute. A login that a tenant had begun with a password of its own may
 * have ended in the moment in which the slot was open: it finds nothing there, but the slot is taken. An honest session that
 * comes in this moment has just logged in.
 */
export async function endStrangers(client: pg.ClientBase, afterMs = strangerAfterMs): Promise<void> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT DISTINCT l.slot FROM ${leaseSchema}.slots l JOIN pg_stat_activity a ON a.usename = l.slot
      WHERE a.datname = current_database() AND ${holdsNobody}`,
  );
  for (const { slot } of rows) {
    await endSessions(
      client,
      slot,
      `${inThisDatabase} AND backend_start < clock_timestamp() - make_interval(secs => ${afterMs / 1000})`,
    );
  }
}

/**
 * Ends the sessions of slots whose statement has run for longer than any that is meant to end; gives the slots. A tenant can
 * switch its `statement_timeout` off, and the look at whether the client is there, and catch what cancels it: such a backend
 * outlives its client, and its slot would be taken for good. It cannot catch being ended.
 */
export async function endLongStatements(
  client: pg.ClientBase,
  olderThanMs = longestStatementMs,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT DISTINCT l.slot FROM ${leaseSchema}.slots l JOIN pg_stat_activity a ON a.usename = l.slot
      WHERE a.datname = current_database()`,
  );
  const ended: string[] = [];
  for (const { slot } of rows) {
    const isLong = `${inThisDatabase} AND state = 'active' AND query_start < clock_timestamp() - make_interval(secs => ${olderThanMs / 1000})`;
    if ((await endSessions(client, slot, isLong)) > 0) ended.push(slot);
  }
  return ended;
}

async function dropObjects(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT DISTINCT l.slot FROM ${leaseSchema}.slots l JOIN pg_roles r ON r.rolname = l.slot
       JOIN pg_largeobject_metadata o ON o.lomowner = r.oid`,
  );
  for (const { slot } of rows) await dropLargeObjects(client, slot);
}

const holdsNobody = `
  NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
               WHERE s.rolname = l.slot AND g.rolname <> '${slotGroup}')`;

/** Those that hold a tenant of this database without being connected. */
async function orphansOf(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT l.slot FROM ${leaseSchema}.slots l
      WHERE EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member
                      JOIN pg_namespace n ON n.nspname = pg_get_userbyid(m.roleid) WHERE s.rolname = l.slot)
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = l.slot)`,
  );
  return rows.map(({ slot }) => slot);
}

/** A lease is granted under a lock of the slot's row, to a session that is there: who has the lock and sees none can take it back. */
async function takeBack(client: pg.ClientBase, slot: string): Promise<boolean> {
  const isOrphan = await underLock(client, slot, async () => {
    if (!(await orphansOf(client)).includes(slot)) return false;
    await client.query(revokeFrom(slot));
    return true;
  });
  // Whoever has logged in since may have become the tenant, and would stay so.
  if (isOrphan) await endSessions(client, slot, inThisDatabase);
  return isOrphan;
}

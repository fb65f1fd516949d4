import pg from 'pg';
import { cellLeaseSql, leaseSchema, leaseVerifiers, revokeLargeObjectsSql } from '@tenantry/tenancy';

const { escapeIdentifier, escapeLiteral } = pg;

/** What leases need of a cell: `slots` is 0 where only the broker is needed, to listen. */
export interface LeasePlan {
  readonly slots: number;
  readonly credentialKey: Uint8Array;
}

/** Makes the broker, the slots and the schema of the lease functions; in the caller's transaction, after the groups. */
export async function prepareLeases(
  client: pg.ClientBase,
  { slots, credentialKey }: LeasePlan,
): Promise<void> {
  await client.query(cellLeaseSql({ slots, verifiers: await leaseVerifiers(credentialKey, slots) }));
}

/**
 * Takes from this database the slots above `slots`, with their connections and what was leased to them. The roles above
 * `keep` go altogether: those up to it are needed by other cells of the same server. Outside a transaction; safe to run again.
 */
export async function retireSlots(client: pg.ClientBase, slots: number, keep: number): Promise<void> {
  await client.query(`DELETE FROM ${leaseSchema}.slots WHERE substring(slot from '[0-9]+$')::int > $1`, [
    slots,
  ]);
  const { rows } = await client.query<{ slot: string; drop: boolean }>(
    `SELECT rolname AS slot, substring(rolname from '[0-9]+$')::int > $2 AS drop FROM pg_roles
      WHERE rolname ~ '^tenantry_slot_[0-9]{1,6}$' AND substring(rolname from '[0-9]+$')::int > $1`,
    [slots, keep],
  );
  for (const { slot, drop } of rows) {
    if (drop) await client.query(`ALTER ROLE ${escapeIdentifier(slot)} NOLOGIN`);
    // Before its connections end: one that comes back holds nobody.
    else await client.query(revokeFrom(slot));
    await endSessions(client, slot, drop ? 'true' : inThisDatabase);
    await dropLargeObjects(client, slot);
    if (drop) await client.query(`BEGIN; ${dropSlotSql(slot)}; COMMIT`);
  }
}

/**
 * Drops the role of a slot whose large objects are gone; in a transaction. What else it can have is default privileges, of things
 * that it cannot make.
 */
export function dropSlotSql(slot: string): string {
  const role = escapeIdentifier(slot);
  return `SET LOCAL ROLE ${role}; DROP OWNED BY ${role}; RESET ROLE; ${revokeLargeObjectsSql([slot])}; DROP ROLE ${role}`;
}

/** Each lease as the owner that has made it; those of this database's tenants only. */
export function revokeFrom(slot: string): string {
  return `
    DO $do$
    DECLARE held text;
    BEGIN
      FOR held IN SELECT g.rolname FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member
                    JOIN pg_roles g ON g.oid = m.roleid JOIN pg_namespace n ON n.nspname = g.rolname
                   WHERE s.rolname = ${escapeLiteral(slot)} LOOP
        EXECUTE format('SET LOCAL ROLE %I', held || '_owner');
        EXECUTE format('REVOKE %I FROM %I', held, ${escapeLiteral(slot)});
        RESET ROLE;
      END LOOP;
    END $do$`;
}

/** A condition of {@link endSessions}. */
export const inThisDatabase = 'datname = current_database()';

/**
 * Ends the sessions of a slot that a condition on pg_stat_activity is true of, and gives how many there were. As the slot, which
 * is the least that may end them, or see what they do.
 */
export async function endSessions(client: pg.ClientBase, slot: string, condition: string): Promise<number> {
  await client.query(`SET ROLE ${escapeIdentifier(slot)}`);
  try {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE usename = $1 AND pid <> pg_backend_pid() AND ${condition}`,
      [slot],
    );
    return rowCount ?? 0;
  } finally {
    await client.query('RESET ROLE');
  }
}

/**
 * A tenant that goes back to the slot's own role can make large objects as the slot, the only things that a slot can make. They
 * would keep it, and whom they were granted to, from being dropped. As many as one transaction can lock.
 */
export async function dropLargeObjects(client: pg.ClientBase, slot: string): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT FROM pg_largeobject_metadata WHERE lomowner = to_regrole($1) LIMIT 1',
    [slot],
  );
  if (rowCount === 0) return;
  await client.query(`SET ROLE ${escapeIdentifier(slot)}`);
  try {
    for (let dropped = largeObjectsAtOnce; dropped === largeObjectsAtOnce;) {
      const { rows } = await client.query(
        `SELECT lo_unlink(oid) FROM (
           SELECT oid FROM pg_largeobject_metadata WHERE lomowner = to_regrole($1) LIMIT $2) AS own`,
        [slot, largeObjectsAtOnce],
      );
      dropped = rows.length;
    }
  } finally {
    await client.query('RESET ROLE');
  }
}

const largeObjectsAtOnce = 1_000;

import pg from 'pg';
import { deriveCredential, leaseSchema, scramVerifier } from '@tenantry/tenancy';
import { credentialVersion, revokeFrom } from './leases.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** What was not as it has to be. */
export interface MendedSlots {
  /** Slots that held a tenant without being connected: their process died. */
  readonly orphans: readonly string[];
  /** Slots whose login had settings stored. */
  readonly settings: readonly string[];
}

/**
 * Takes away what a tenant may have done to the logins behind its leases, and what a killed process has left of them. As the
 * control role, outside a transaction; safe to run again, and beside applications that use the slots.
 *
 * A tenant can change the password of the slot that it is on, and store settings on it: every login may do that to itself. Then
 * nobody else can log in there, and a lease that is left on it would be the tenant's to take.
 */
export async function mendSlots(client: pg.ClientBase): Promise<MendedSlots> {
  const orphans: string[] = [];
  for (const slot of await orphansOf(client)) if (await takeBack(client, slot)) orphans.push(slot);
  const { rows } = await client.query<{ slot: string; database: string | null }>(
    `SELECT r.rolname AS slot, d.datname AS database FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
       JOIN ${leaseSchema}.slots l ON l.slot = r.rolname LEFT JOIN pg_database d ON d.oid = s.setdatabase`,
  );
  for (const { slot, database } of rows) {
    const where = database === null ? '' : `IN DATABASE ${escapeIdentifier(database)}`;
    await client.query(`ALTER ROLE ${escapeIdentifier(slot)} ${where} RESET ALL`);
  }
  return { orphans, settings: [...new Set(rows.map(({ slot }) => slot))] };
}

/**
 * Gives every slot its derived password again, whatever it has become: nobody but a superuser can see whether it has. Sessions
 * go on, and each gets a new salt.
 */
export async function renewSlotPasswords(client: pg.ClientBase, credentialKey: Uint8Array): Promise<void> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT l.slot FROM ${leaseSchema}.slots l JOIN pg_roles r ON r.rolname = l.slot`,
  );
  for (const { slot } of rows) {
    const verifier = await scramVerifier(deriveCredential(credentialKey, slot, credentialVersion));
    await client.query(`ALTER ROLE ${escapeIdentifier(slot)} PASSWORD ${escapeLiteral(verifier)}`);
  }
}

const holdsWithoutSession = `
  EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles s ON s.oid = m.member JOIN pg_namespace n ON n.nspname = pg_get_userbyid(m.roleid)
           WHERE s.rolname = l.slot)
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = l.slot)`;

async function orphansOf(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT l.slot FROM ${leaseSchema}.slots l WHERE ${holdsWithoutSession}`,
  );
  return rows.map(({ slot }) => slot);
}

/** A lease is granted under a lock of the slot's row, to a session that is there: who has the lock and sees none can take it back. */
async function takeBack(client: pg.ClientBase, slot: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    const { rowCount } = await client.query(
      `SELECT FROM ${leaseSchema}.slots l WHERE l.slot = $1 FOR UPDATE SKIP LOCKED`,
      [slot],
    );
    // In a statement of its own: what it sees is as new as the lock.
    const { rows } = await client.query<{ orphan: boolean }>(
      `SELECT ${holdsWithoutSession} AS orphan FROM ${leaseSchema}.slots l WHERE l.slot = $1`,
      [slot],
    );
    const isOrphan = rowCount === 1 && rows[0]?.orphan === true;
    if (isOrphan) await client.query(revokeFrom(slot));
    await client.query('COMMIT');
    return isOrphan;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

import pg from 'pg';
import { ownerOf, revokeLeasesSql, type TenantId } from '@tenantry/tenancy';
import { TenantryError } from '../errors.ts';

const { escapeIdentifier } = pg;

/** How long one backend may take to end. */
const terminateWithinMs = 5_000;

interface SlotUse {
  readonly slot: string;
  readonly holds: boolean;
  /** Null for a slot that nobody is connected as. */
  readonly pid: number | null;
}

/**
 * The slots that were leased a tenant by its owner, from the tenant's memberships; and, from the sessions, those that are connected and hold
 * nobody: one of them may have been this tenant's a moment ago, and keeps its role until it is told otherwise.
 */
const usesOf = `
  SELECT s.rolname::text AS slot, true AS holds, a.pid
    FROM pg_roles g JOIN pg_auth_members m ON m.roleid = g.oid JOIN pg_roles s ON s.oid = m.member
    JOIN pg_roles o ON o.oid = m.grantor
    LEFT JOIN pg_stat_activity a ON a.usesysid = s.oid
   WHERE g.rolname = $1 AND o.rolname = $3 AND s.rolname ~ '^tenantry_slot_[0-9]+$'
  UNION ALL
  SELECT a.usename::text, false, a.pid
    FROM pg_stat_activity a
   WHERE $2 AND a.usename ~ '^tenantry_slot_[0-9]+$'
     AND NOT EXISTS (
       SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = a.usesysid AND g.rolname <> 'tenantry_slots')`;

/**
 * Takes a tenant from every slot and ends the connections that had it; gives how many slots held it. Taking a role away does
 * not end a SET ROLE that was done before, so both are needed, and in this order: an ended connection could come back for
 * as long as its slot holds the tenant. Outside a transaction.
 *
 * `andFree` also ends slots that hold nobody, for what was cut off between the two.
 */
export async function endLeases(client: pg.ClientBase, tenant: TenantId, andFree: boolean): Promise<number> {
  const { rows } = await client.query<SlotUse>(usesOf, [tenant, andFree, ownerOf(tenant)]);
  const held = rows.filter(({ holds }) => holds);
  if (held.length > 0) await client.query(`BEGIN; ${revokeLeasesSql(tenant)} COMMIT`);
  for (const { slot, pid } of rows) if (pid !== null) await endSlot(client, slot, pid);
  return held.length;
}

/** As the slot, which is the least that may end it. */
async function endSlot(client: pg.ClientBase, slot: string, pid: number): Promise<void> {
  await client.query(`SET ROLE ${escapeIdentifier(slot)}`);
  try {
    const { rows } = await client.query<{ ended: boolean }>(
      'SELECT pg_terminate_backend(pid, $3) AS ended FROM pg_stat_activity WHERE usename = $1 AND pid = $2',
      [slot, pid, terminateWithinMs],
    );
    if (rows[0]?.ended === false) {
      throw new TenantryError(
        'INTERNAL',
        'A leased connection of the tenant did not end in time. Try again; no new one is let in.',
      );
    }
  } finally {
    await client.query('RESET ROLE');
  }
}

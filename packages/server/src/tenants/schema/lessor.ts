import { ownerOf, tenantId, tenantLeaseSql } from '@tenantry/tenancy';
import type pg from 'pg';
import type { Cell } from '../../db/cells/registry.ts';
import { TenantryError } from '../../errors.ts';
import { beginAlone } from './drop.ts';

/**
 * Gives a tenant the two functions that lease it to slots and take it back. Safe to run again; does nothing where the
 * schema does not stand. Throws MIGRATION_NOT_CONTAINED when the tenant's role was lent to somebody else.
 */
export async function makeLessor(cell: Cell, tenant: string): Promise<void> {
  const id = tenantId(tenant);
  await cell.withConnection(async (client) => {
    // Alone: a drop that is under way would otherwise meet functions that it has not seen.
    const { schema } = await beginAlone(client, id);
    if (!schema) {
      await client.query('ROLLBACK');
      return;
    }
    // A text of several statements makes pg answer with one result for each; its types say a single one.
    const results = (await client.query(
      `${progressOnly}; ${tenantLeaseSql(id)}; ${lentTo(id)}`,
    )) as unknown as pg.QueryResult<Lent>[];
    const [lent] = results.at(-1)!.rows;
    if (lent) throw notContained(lent.member);
    await client.query('COMMIT');
  });
}

/** Does not wait for the disk, as provisioning waits for this: what a crash forgets is found missing and made again. */
const progressOnly = 'SET LOCAL synchronous_commit = off';

interface Lent {
  readonly member: string;
}

/**
 * Who was made a member of the tenant's role by its owner. The owner can, since it leases, and what a migration does in a
 * block of its own escapes every look at its text. Slots are what it is for.
 */
function lentTo(tenant: string): string {
  return `
    SELECT pg_get_userbyid(m.member) AS member
      FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles o ON o.oid = m.grantor
     WHERE g.rolname = '${tenant}' AND o.rolname = '${ownerOf(tenantId(tenant))}'
       AND pg_get_userbyid(m.member) !~ '^tenantry_slot_[0-9]+$'
     LIMIT 1`;
}

function notContained(member: string): TenantryError {
  const text =
    `A migration made ${member} a member of the tenant's role, which only a lease may do. ` +
    'Take the GRANT out of the migration; nothing was kept.';
  return new TenantryError('MIGRATION_NOT_CONTAINED', text);
}

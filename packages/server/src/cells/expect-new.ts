import pg from 'pg';
import { randomBase32 } from '@tenantry/tenancy';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';
import { clientConfig, type Database, type Tx } from '../db/database.ts';
import { TenantryError } from '../errors.ts';

/**
 * Throws CELL_DATABASE_TAKEN when the database behind a connection string is a cell already, under whatever address. Two cells in
 * one database would look into each other's schemas and undo each other's roles.
 */
export async function expectNewDatabase(
  ctx: Context,
  db: Database | Tx,
  url: string,
  systemIdentifier: string,
): Promise<void> {
  const known = await db
    .selectFrom('cells')
    .select(['id', 'name'])
    .where('system_identifier', '=', systemIdentifier)
    .orderBy('name')
    .execute();
  if (known.length === 0) return;
  const client = new pg.Client(clientConfig(url, 'tenantry cell'));
  client.on('error', () => {});
  try {
    await client.connect();
    for (const { id, name } of known) {
      const cell = await ctx.cells.get(id);
      // A cell that is away keeps nobody from adding another one: it is told by what its address says.
      const isTaken = await isSameDatabase(cell, client).catch(() => hasSameName(cell, client));
      if (isTaken) throw taken(name);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * An advisory lock is a database's own: where one connection cannot have the lock that another one holds, both are in the same
 * database. Names and identifiers do not tell: an address can be an alias, and the copy of a server has its identifier.
 */
function isSameDatabase(cell: Cell, client: pg.Client): Promise<boolean> {
  const lock = `tenantry.same-database.${randomBase32(16)}`;
  return cell.withConnection(async (holder) => {
    await holder.query('BEGIN');
    await holder.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
    const { rows } = await client.query<{ free: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free',
      [lock],
    );
    await holder.query('ROLLBACK');
    return !rows[0]!.free;
  });
}

async function hasSameName(cell: Cell, client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
  return rows[0]!.name === cell.address.database;
}

function taken(name: string): TenantryError {
  return new TenantryError(
    'CELL_DATABASE_TAKEN',
    `This database is the cell "${name}" already. Use that cell, or give the new one a database of its own.`,
  );
}

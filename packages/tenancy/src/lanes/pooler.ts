import type pg from 'pg';
import { TenancyError } from '../errors.ts';
import type { Connection } from '../pool/connection.ts';
import { internalsOf } from '../pool/wire.ts';

/**
 * A pooler gives one session to several clients: what one of them becomes, all are, and `CONNECTION LIMIT 1` counts the pooler
 * and not them. It is known by the process id that it tells, which is none of PostgreSQL's. Closes what it refuses, and rejects
 * with TENANCY_OPTION.
 */
export async function refusePooler(
  connection: Connection,
  ask: (text: string) => Promise<pg.QueryResult> = (text) => connection.ask(text),
): Promise<void> {
  let pid: unknown;
  try {
    const { rows } = await ask('SELECT pg_backend_pid() AS pid');
    pid = (rows[0] as { readonly pid: unknown }).pid;
  } catch (error) {
    connection.close('broken');
    throw error;
  }
  if (pid === internalsOf(connection.client).processID) return;
  connection.close('in doubt');
  throw new TenancyError(
    'TENANCY_OPTION',
    'The lane "leased" needs sessions of its own, and a connection pooler stands before the cell. Give the cell the address ' +
      'of PostgreSQL itself, or allow it the lane "sealed" alone: tenantry cell update --lanes.',
  );
}

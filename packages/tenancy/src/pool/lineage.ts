import type pg from 'pg';
import { sqlStateOf } from '../errors.ts';
import { endsConnection } from './judgement.ts';
import { internalsOf } from './wire.ts';

/** Which server a primary is: of which cluster, and after how many promotions. */
export interface Lineage {
  /** PostgreSQL's identifier of the cluster: the same on its standbys, another after an upgrade or a restored dump. */
  readonly system: string;
  /** Every promotion begins a higher one. */
  readonly timeline: number;
}

const ask = `
  SELECT system_identifier::text AS system, pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) AS file
    FROM pg_catalog.pg_control_system()`;

/**
 * The lineage of the primary that a client is connected to; undefined where a service does not tell. Rejects, and cuts the
 * connection, where there is no answer in time.
 */
export async function lineageOf(client: pg.Client, timeoutMs: number): Promise<Lineage | undefined> {
  // The types of pg leave the timeout of a single query out.
  const query: pg.QueryConfig & { readonly query_timeout: number } = { text: ask, query_timeout: timeoutMs };
  try {
    const { rows } = await client.query<{ system: string; file: string }>(query);
    const { system, file } = rows[0]!;
    return { system, timeline: Number.parseInt(file.slice(0, 8), 16) };
  } catch (error) {
    if (sqlStateOf(error) !== undefined && !endsConnection(error as Error)) return undefined;
    internalsOf(client).connection.stream.destroy();
    throw error;
  }
}

/** True for a server that was the primary before the other was: it says that it is one, and what it takes is lost. */
export function isBefore(lineage: Lineage | undefined, other: Lineage | undefined): boolean {
  return (
    lineage !== undefined &&
    other !== undefined &&
    lineage.system === other.system &&
    lineage.timeline < other.timeline
  );
}

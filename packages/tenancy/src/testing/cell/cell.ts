import type pg from 'pg';
import { cellLeaseSql, leaseVerifiers } from '../../lease-sql.ts';
import type { Placement } from '../../directory/placement.ts';
import type { TenantId } from '../../tenant-id.ts';

/** A database that is laid out as the control plane lays out a cell. */
export interface Cell {
  readonly address: { readonly host: string; readonly port: number; readonly database: string };
  readonly ssl: pg.ClientConfig['ssl'];
  readonly slots: number;
  readonly credentialKey: Uint8Array;
  /** The superuser's connection string to the database, where the kit has started the server. */
  readonly superuserUrl: string | undefined;
  /** Connections of the control role: CREATEROLE, owner of the database, no superuser. */
  readonly control: pg.Pool;
  /** Removes what was made, or ends the server. The pool of the control role was ended before. */
  remove(): Promise<void>;
}

/** Where a tenant of a cell is, as the control plane would tell it. */
export function placementOf(cell: Cell, tenant: TenantId, slug: string): Placement {
  const { host, port, database } = cell.address;
  return {
    tenant,
    slug,
    state: 'active',
    schema: tenant,
    credentialVersion: 1,
    level: 'sealed',
    cell: {
      id: 'test',
      hosts: [{ host, port }],
      database,
      ...(cell.ssl === undefined ? {} : { ssl: cell.ssl }),
      lanes: ['sealed', 'leased'],
      slots: cell.slots,
    },
  };
}

/** Runs a function on a connection of the control role, and cleans that; one on which something failed is thrown away. */
export async function inControl<T>(cell: Cell, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await cell.control.connect();
  try {
    const result = await work(client);
    await client.query('DISCARD ALL');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** The SQL of broker and slots, with passwords derived of a key. */
export async function leasesSql(credentialKey: Uint8Array, slots: number): Promise<string> {
  return cellLeaseSql({ slots, verifiers: await leaseVerifiers(credentialKey, slots) });
}

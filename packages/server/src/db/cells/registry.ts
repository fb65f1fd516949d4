import type pg from 'pg';
import type { CellAddress } from '@tenantry/tenancy';
import { TenantryError } from '../../errors.ts';
import { clientConfig, openPool, type Database } from '../database.ts';
import { explain } from '../pg-errors.ts';
import { unseal } from '../secrets.ts';
import { parseCellUrl } from './address.ts';
import { giveWay } from './give-way.ts';

/** A cell that can be used: where tenants connect to, and connections of the control role to it. */
export interface Cell {
  readonly id: string;
  readonly name: string;
  readonly address: CellAddress;
  readonly allowedExtensions: readonly string[];
  /**
   * Runs `work` on a connection of the control role and cleans it afterwards. A connection on which something failed is
   * thrown away: what a migration may have left on it is not worth finding out.
   */
  withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** For what makes connections of its own, as the control role: it holds the password, and is for nobody to see. */
  clientConfig(applicationName: string): pg.ClientConfig;
}

export interface CellsOptions {
  readonly db: Database;
  readonly credentialKey: Uint8Array;
  /** The default cell's connection string comes from the configuration and is not stored. */
  readonly defaultUrl: string;
  /** Directories of the migrations of the schema `reference`, which every cell gets. Default none. */
  readonly reference?: readonly string[];
  /** Connections a cell may use at the same time for the control plane's own work. */
  readonly size: number;
}

/** The cells of this control plane. Opened when first used, closed together. */
export class Cells {
  readonly #options: CellsOptions;
  readonly #open = new Map<string, { cell: Cell; pool: pg.Pool }>();

  /** Why the reference tables of a cell are not there, by its id; what this process has met last. */
  readonly referenceFailures = new Map<string, string>();

  constructor(options: CellsOptions) {
    this.#options = options;
  }

  get credentialKey(): Uint8Array {
    return this.#options.credentialKey;
  }

  get reference(): readonly string[] {
    return this.#options.reference ?? [];
  }

  /** Throws CELL_NOT_FOUND. */
  async get(id: string): Promise<Cell> {
    const known = this.#open.get(id);
    if (known) return known.cell;
    const row = await this.#options.db
      .selectFrom('cells')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new TenantryError('CELL_NOT_FOUND');
    const url = row.url_encrypted
      ? unseal(this.#options.credentialKey, row.id, row.url_encrypted)
      : this.#options.defaultUrl;
    return this.#opened(row.id) ?? this.#add(row.id, row.name, url, row.allowed_extensions);
  }

  /** Connections that are open to cells, for metrics. */
  get connections(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    const pools = [...this.#open.values()].map(({ pool }) => pool);
    const sum = (of: (pool: pg.Pool) => number) => pools.reduce((total, pool) => total + of(pool), 0);
    return {
      total: sum((p) => p.totalCount),
      idle: sum((p) => p.idleCount),
      waiting: sum((p) => p.waitingCount),
    };
  }

  async close(): Promise<void> {
    const pools = [...this.#open.values()].map(({ pool }) => pool);
    this.#open.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }

  /** Another call may have opened it while this one was reading. */
  #opened(id: string): Cell | undefined {
    return this.#open.get(id)?.cell;
  }

  #add(id: string, name: string, url: string, allowedExtensions: readonly string[]): Cell {
    const pool = openPool({
      ...clientConfig(url, 'tenantry cell'),
      max: this.#options.size,
      query_timeout: 0,
    });
    pool.on('connect', (client) => void giveWay(client));
    const cell: Cell = {
      id,
      name,
      address: parseCellUrl(url).address,
      allowedExtensions,
      withConnection: (work) => withConnection(pool, `The cell ${name}`, work),
      clientConfig: (applicationName) => clientConfig(url, applicationName),
    };
    this.#open.set(id, { cell, pool });
    return cell;
  }
}

async function withConnection<T>(
  pool: pg.Pool,
  where: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw explain(error, where);
  }
  try {
    const result = await work(client);
    await client.query('DISCARD ALL');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw explain(error, where);
  }
}

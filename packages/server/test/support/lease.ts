import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Tenant } from '@tenantry/contract';
import {
  brokerRole,
  deriveCredential,
  grantFunction,
  placementChannel,
  slotRole,
  tenantId,
} from '@tenantry/tenancy';
import type { TestServer } from './server.ts';

/** Another database than the control plane's own. */
export interface Place {
  readonly port: number;
  readonly database: string;
}

/** Logs in as the broker or as a slot, as an application does. The caller ends it. */
export async function loginAsRole(server: TestServer, role: string, place?: Place): Promise<pg.Client> {
  const key = Buffer.from(await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8'), 'base64');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: place?.port ?? server.postgres.port,
    database: place?.database ?? 'tenantry',
    user: role,
    password: deriveCredential(key, role, 1),
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export const loginAsBroker = (server: TestServer, place?: Place) => loginAsRole(server, brokerRole, place);

/** A slot that holds a tenant and has become it. */
export async function leaseTo(
  server: TestServer,
  broker: pg.Client,
  tenant: Tenant,
  slot: number,
  place?: Place,
): Promise<pg.Client> {
  const client = await loginAsRole(server, slotRole(slot), place);
  await broker.query(`SELECT ${grantFunction(tenantId(tenant.schema))}($1)`, [slotRole(slot)]);
  await client.query(`SET ROLE ${tenant.schema}; SET search_path = ${tenant.schema}, extensions, pg_temp`);
  return client;
}

/** What the broker is told about placements, from now on. */
export class PlacementNews {
  readonly #client: pg.Client;
  readonly #told: string[] = [];
  #wake: (() => void) | undefined;

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', ({ channel, payload }) => {
      if (channel === placementChannel) this.#told.push(payload ?? '');
      this.#wake?.();
    });
  }

  static async of(client: pg.Client): Promise<PlacementNews> {
    const news = new PlacementNews(client);
    await client.query(`LISTEN ${placementChannel}`);
    return news;
  }

  /** Milliseconds from the end of a change until its tenant is told of. */
  async after(tenant: Tenant, change: () => Promise<unknown>): Promise<number> {
    // A round trip: what was sent before has arrived.
    await this.#client.query('SELECT 1');
    this.#told.length = 0;
    await change();
    const changedAt = performance.now();
    await this.told(tenant.id);
    return performance.now() - changedAt;
  }

  /** Waits until a tenant is told of, or was since the last change. */
  async told(tenant: string): Promise<true> {
    while (!this.#told.includes(tenant)) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('Nobody told of the tenant')), 10_000);
        this.#wake = () => (clearTimeout(timer), resolve());
      });
    }
    return true;
  }

  /** The tenants that were told of by the time that a change has come back, and all that was sent has arrived. */
  async during(change: () => Promise<unknown>): Promise<readonly string[]> {
    await this.#client.query('SELECT 1');
    this.#told.length = 0;
    await change();
    await this.#client.query('SELECT 1');
    return [...this.#told];
  }
}

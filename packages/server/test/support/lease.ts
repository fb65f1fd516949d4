import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Tenant } from '@tenantry/contract';
import {
  brokerRole,
  deriveCredential,
  grantFunction,
  leaseSchema,
  placementChannel,
  poolSetting,
  slotRole,
  tenantId,
} from '@tenantry/tenancy';
import type { TestServer } from './server.ts';

/** Another database than the control plane's own. */
export interface Place {
  readonly port: number;
  readonly database: string;
}

/** Logs in as the broker, for the pool "test", or as a slot that was opened for it. The caller ends it. */
export async function loginAsRole(server: TestServer, role: string, place?: Place): Promise<pg.Client> {
  if (role === brokerRole) return login(server, role, place);
  const broker = await loginAsBroker(server, place);
  try {
    // The backend of its last session may be there for a moment yet.
    const open = async () =>
      (await broker.query(`SELECT ${leaseSchema}.open_slot($1) AS left`, [role])).rows[0].left as unknown;
    for (const end = Date.now() + 2_000; (await open()) === null && Date.now() < end;) await pause(10);
    return await login(server, role, place);
  } finally {
    await broker.query(`SELECT ${leaseSchema}.shut_slot($1)`, [role]);
    await broker.end();
  }
}

export async function credentialKeyOf(server: TestServer): Promise<Uint8Array> {
  return Buffer.from(await readFile(join(server.home, 'secrets', 'credential-key'), 'utf8'), 'base64');
}

async function login(server: TestServer, role: string, place?: Place, pool = 'test'): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: place?.port ?? server.postgres.port,
    database: place?.database ?? 'tenantry',
    user: role,
    password: deriveCredential(await credentialKeyOf(server), role, 1),
    options: `-c ${poolSetting}=${pool}`,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export const loginAsBroker = (server: TestServer, place?: Place, pool?: string) =>
  login(server, brokerRole, place, pool);

/** Makes a slot that has no session the pool's of a broker. */
export async function hold(broker: pg.Client, slot: number): Promise<void> {
  for (const name of ['open_slot', 'shut_slot'])
    await broker.query(`SELECT ${leaseSchema}.${name}($1)`, [slotRole(slot)]);
}

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

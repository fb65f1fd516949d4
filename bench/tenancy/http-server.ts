import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import pg from 'pg';
import { createTenancy, type Placement } from '@tenantry/tenancy';
import { staticDirectory } from '@tenantry/tenancy/directory';
import { tenancyPlugin } from '@tenantry/tenancy/fastify';
import { everybody, header, tenantResolver } from '@tenantry/tenancy/resolve';
import { size } from './ways.ts';

export interface HttpServerOptions {
  readonly way: 'raw' | 'tenancy';
  readonly placement: Placement;
  /** A login that may do everything. */
  readonly url: string;
  /** Base64. */
  readonly credentialKey: string;
}

export interface HttpServerAddress {
  readonly port: number;
}

/** A Fastify with one route, in a process of its own; it ends when its parent lets go of it. */
const { way, placement, url, credentialKey } = JSON.parse(process.env['BENCH_OPTIONS']!) as HttpServerOptions;
const app = Fastify();
let pool: pg.Pool;
let close: () => Promise<void>;
let table = 'notes';
if (way === 'raw') {
  pool = new pg.Pool({ connectionString: url, max: size });
  close = () => pool.end();
  table = `${placement.schema}.notes`;
} else {
  const directory = staticDirectory([placement]);
  const tenancy = createTenancy({ directory, credentialKey, pool: { maximumPoolSize: size } });
  const resolver = tenantResolver({ directory, sources: [header()], membership: everybody });
  await app.register(tenancyPlugin, { tenancy, resolver });
  pool = tenancy.pool;
  close = () => tenancy.close();
}
app.get<{ Params: { id: string } }>('/notes/:id', async ({ params }) => {
  const { rows } = await pool.query(`SELECT id, body FROM ${table} WHERE id = $1`, [params.id]);
  return rows[0];
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.once('disconnect', () => void app.close().then(close));
process.send!({ port: (app.server.address() as AddressInfo).port } satisfies HttpServerAddress);

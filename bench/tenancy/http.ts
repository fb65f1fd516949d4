import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { TestCell } from '../../packages/tenancy/test/support/cell.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, type Row } from '../lib/report.ts';
import type { HttpServerAddress, HttpServerOptions } from './http-server.ts';

/**
 * Row 4: requests to a Fastify route that reads one row of a busy tenant, with the tenant resolved and routed, against the
 * same route on a raw pool. Each server is a process of its own; callers keep their connections.
 */
export async function measureHttp(
  cell: TestCell,
  { rounds, quick }: { readonly rounds: number; readonly quick: boolean },
): Promise<readonly Row[]> {
  const placement = cell.placement(cell.tenants[0]!);
  const common = {
    placement,
    url: cell.postgres.superuserUrl.replace(/\/postgres$/, '/tenantry'),
    credentialKey: Buffer.from(cell.credentialKey).toString('base64'),
  };
  const servers = await Promise.all([start({ ...common, way: 'raw' }), start({ ...common, way: 'tenancy' })]);
  const [raw, tenancy] = servers;
  const requests = quick ? 500 : 2_000;
  try {
    const rows: Row[] = [];
    for (const callers of [8, 32]) {
      const ms = await interleave(rounds, {
        raw: () => timed(() => load(raw, placement.slug, callers, requests)),
        tenancy: () => timed(() => load(tenancy, placement.slug, callers, requests)),
      });
      const name = `HTTP request with tenant context, ${String(callers)} callers`;
      rows.push(compared(name, ms.tenancy, 'the same route, raw pg.Pool', ms.raw, 1.05));
    }
    return rows;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

interface Server extends HttpServerAddress {
  readonly agent: Agent;
  stop(): Promise<unknown>;
}

async function start(options: HttpServerOptions): Promise<Server> {
  // Not as an argument: it holds passwords, and arguments show in process lists.
  const env = { ...process.env, BENCH_OPTIONS: JSON.stringify(options) };
  const child: ChildProcess = fork(fileURLToPath(new URL('http-server.ts', import.meta.url)), { env });
  const [address] = (await once(child, 'message')) as [HttpServerAddress];
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    ...address,
    agent,
    async stop() {
      agent.destroy();
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

async function load(server: Server, tenant: string, callers: number, requests: number): Promise<void> {
  let left = requests;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await request(server, tenant);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

function request({ agent, port }: Server, tenant: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent, host: '127.0.0.1', port, path: '/notes/3', headers: { 'x-tenant': tenant } };
    get(options, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`The route answered ${String(response.statusCode)}.`));
      });
    }).once('error', reject);
  });
}

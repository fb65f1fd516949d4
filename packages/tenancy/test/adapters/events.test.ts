/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify and Express 5 take promises */
import 'reflect-metadata';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Module, StreamableFile, type ExceptionFilter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tenancyErrors, tenancyMiddleware, withoutTenant } from '../../src/adapters/express.ts';
import { tenancyPlugin, withoutTenant as withoutTenantHook } from '../../src/adapters/fastify.ts';
import { TenancyModule } from '../../src/adapters/nest.ts';
import { staticDirectory } from '../../src/directory/index.ts';
import { createTenancy, type Tenancy } from '../../src/index.ts';
import { header, tenantResolver, type TenantResolver } from '../../src/resolve/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { listen } from './listen.ts';
import type { Running } from './web-suite.ts';

/** What ran behind a response, and as whom. */
type Log = (what: string) => void;

interface Parts {
  readonly tenancy: Tenancy;
  readonly resolver: TenantResolver;
  readonly log: Log;
  /** Whose the work is at each of twelve steps of a response that is too long for the socket's buffer. */
  readonly steps: () => Readable;
}

/** `GET /slow` answers late, `GET /stream` with `steps`; what runs behind every response is logged by its path. */
const apps: readonly (readonly [string, (parts: Parts) => Promise<Running>])[] = [
  [
    'Fastify',
    async ({ tenancy, resolver, log, steps }) => {
      const app = fastify();
      app.addHook('onRequest', withoutTenantHook(tenancy));
      app.addHook('onRequest', async (request) => log(`before ${request.url}`));
      await app.register(tenancyPlugin, { tenancy, resolver });
      app.addHook('onResponse', async (request) => log(`after ${request.url}`));
      app.get('/slow', async () => {
        await delay(100);
        return 'slow';
      });
      app.get('/stream', (_request, reply) => void reply.send(steps()));
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      return { url, close: () => app.close() };
    },
  ],
  [
    'Express',
    async ({ tenancy, resolver, log, steps }) => {
      const app = express();
      app.use(withoutTenant(tenancy), (request, response, next) => {
        log(`before ${request.url}`);
        response.on('finish', () => log(`after ${request.url}`));
        next();
      });
      app.use(tenancyMiddleware({ tenancy, resolver }));
      app.get('/slow', async (_request, response) => {
        await delay(100);
        response.send('slow');
      });
      app.get('/stream', (_request, response) => void steps().pipe(response));
      app.use(tenancyErrors());
      return listen(app);
    },
  ],
  ['NestJS on Express', (parts) => nest(parts, new ExpressAdapter())],
  ['NestJS on Fastify', (parts) => nest(parts, new FastifyAdapter())],
];

async function nest(
  { tenancy, resolver, log, steps }: Parts,
  adapter: ExpressAdapter | FastifyAdapter,
): Promise<Running> {
  class Routes {
    async slow(): Promise<string> {
      await delay(100);
      return 'slow';
    }
    stream(): StreamableFile {
      return new StreamableFile(steps());
    }
  }
  for (const name of ['slow', 'stream'] as const)
    Get(name)(Routes.prototype, name, Object.getOwnPropertyDescriptor(Routes.prototype, name)!);
  Controller()(Routes);
  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class
  class App {}
  Module({
    imports: [TenancyModule.forRoot({ tenancy, resolver, db: tenancy.pool })],
    controllers: [Routes],
  })(App);
  const app = await NestFactory.create(App, adapter as ExpressAdapter, { logger: false });
  const filter: ExceptionFilter = {
    catch(error: { getStatus?(): number }, host) {
      log('refused');
      const response = host.switchToHttp().getResponse<{ status(code: number): { send(x: string): void } }>();
      response.status(error.getStatus?.() ?? 500).send('refused');
    },
  };
  app.useGlobalFilters(filter);
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

let cell: TestCell;
let [a, b]: TestTenant[] = [];
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2 });
  [a, b] = cell.tenants;
});
afterAll(() => cell.stop());

describe.each(apps)('%s, started within the work of a tenant', (_, start) => {
  let tenancy: Tenancy;
  let app: Running;
  const logged = new Map<string, unknown>();
  let changed = Promise.withResolvers<void>();

  beforeAll(async () => {
    const directory = staticDirectory(cell.placements());
    tenancy = createTenancy({ directory, credentialKey: cell.credentialKey });
    const membership = (): boolean => {
      log('membership');
      return true;
    };
    const log: Log = (what) => {
      logged.set(what, tenancy.peek());
      changed.resolve();
      changed = Promise.withResolvers();
    };
    const steps = (): Readable =>
      Readable.from(
        (async function* () {
          for (let i = 0; i < 12; i++) {
            const { rows } = await tenancy.query('SELECT current_user AS me');
            yield `[${String(rows[0]!['me'])}]${'x'.repeat(20_000)}`;
          }
        })(),
      );
    const resolver = tenantResolver({ directory, sources: [header()], membership });
    app = await tenancy.run(a!.id, () => start({ tenancy, resolver, log, steps }));
  });
  afterAll(async () => {
    await app.close();
    await tenancy.close();
  });

  /** Requests one behind the other on one connection, without waiting for answers; what came back until `last` is in it. */
  async function pipelined(
    until: RegExp,
    ...requests: readonly (readonly [string, string?])[]
  ): Promise<string> {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const heads = requests.map(
      ([path, tenant]) =>
        `GET ${path} HTTP/1.1\r\nHost: x\r\n${tenant === undefined ? '' : `X-Tenant: ${tenant}\r\n`}\r\n`,
    );
    socket.write(heads.join(''));
    let answer = '';
    for await (const chunk of socket) {
      answer += String(chunk);
      if (until.test(answer)) break;
    }
    socket.destroy();
    return answer;
  }
  async function settled(what: string): Promise<unknown> {
    while (!logged.has(what)) await changed.promise;
    return logged.get(what);
  }

  test('a response that is sent late is read as its own tenant, behind another’s', async () => {
    const answer = await pipelined(/(?:\[t_\w+\][^[]*){12}$/, ['/slow', a!.slug], ['/stream', b!.slug]);
    const seen = [...answer.matchAll(/\[(t_\w+)\]/g)].map(([, tenant]) => tenant);
    expect(seen).toEqual(Array.from({ length: 12 }, () => b!.id));
  });

  test('what runs before a request is admitted, and where it is refused, is nobody’s', async () => {
    logged.clear();
    await pipelined(/HTTP\/1\.1 4\d\d/, ['/slow', a!.slug], ['/stream']);
    expect(logged.get('membership')).toBeUndefined();
    for (const what of ['before /stream', 'refused', 'after /stream'])
      expect(logged.get(what), what).toBeUndefined();
    expect([...logged.keys()]).toContain('membership');
  });

  test.runIf(['Fastify', 'Express'].includes(_))('what runs behind a response is its tenant’s', async () => {
    logged.clear();
    await pipelined(/(?:\[t_\w+\][^[]*){12}$/, ['/slow', a!.slug], ['/stream', b!.slug]);
    expect(await settled('after /stream')).toBe(b!.id);
    expect(await settled('after /slow')).toBe(a!.id);
  });
});

test('the plugin of Fastify is registered once; twice is an error of the application’s start', async () => {
  const directory = staticDirectory(cell.placements());
  const tenancy = createTenancy({ directory, credentialKey: cell.credentialKey });
  const options = {
    tenancy,
    resolver: tenantResolver({ directory, sources: [header()], membership: () => true }),
  };
  const app = fastify();
  await app.register(tenancyPlugin, options);
  await expect(app.register(tenancyPlugin, options).ready()).rejects.toMatchObject({
    code: 'TENANCY_OPTION',
  });
  await tenancy.close();
});

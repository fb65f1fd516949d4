import { once } from 'node:events';
import { createAdaptorServer } from '@hono/node-server';
import { tenancyMiddleware, withoutTenant, type TenancyEnv } from '@tenantry/tenancy/hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { accountRoutes } from './accounts/account-routes.ts';
import type { App, AppOptions } from './application.ts';
import { closeServer, urlOf } from './listening.ts';
import { answerTo, Problem } from './problem.ts';

/** The application; it listens to nothing yet. */
export async function buildApp({ tenancy, resolver, database }: AppOptions): Promise<App> {
  const app = new Hono<TenancyEnv>();
  app.use(withoutTenant(tenancy));
  app.onError((error) => {
    const { status, headers, body } = answerTo(error);
    if (status >= 500) console.error(error);
    return new Response(body, { status, headers });
  });
  app.notFound(() => {
    throw new Problem(404, 'There is no such address.');
  });

  app.get('/health', (context) => context.json({ status: 'ok' }));

  app.use(bodyLimit({ maxSize: 100 * 1024, onError: tooLarge }), tenancyMiddleware({ tenancy, resolver }));
  app.get('/tenant', (context) => {
    const { tenant, placement } = context.get('tenant');
    return context.json({ id: tenant, slug: placement.slug });
  });
  app.route('/accounts', accountRoutes({ tenancy, database }));

  const server = createAdaptorServer({ fetch: app.fetch });
  return {
    async listen(port, host = '127.0.0.1') {
      server.listen(port, host);
      await once(server, 'listening');
      return urlOf(server);
    },
    close: () => closeServer(server),
  };
}

function tooLarge(): never {
  throw new Problem(413, 'The body may have 100 kB.');
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import { tenancyMiddleware, withoutTenant } from '@tenantry/tenancy/express';
import express, { type ErrorRequestHandler } from 'express';
import { accountRoutes } from './accounts/account-routes.ts';
import type { App, AppOptions } from './application.ts';
import { closeServer, urlOf } from './listening.ts';
import { answerTo, Problem } from './problem.ts';

/** The application; it listens to nothing yet. */
export async function buildApp({ tenancy, resolver, database }: AppOptions): Promise<App> {
  const app = express();
  app.disable('x-powered-by');
  app.use(withoutTenant(tenancy));

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });

  // The parser first: what it calls from an event of the connection is nobody's work.
  app.use(express.json(), tenancyMiddleware({ tenancy, resolver }));
  app.get('/tenant', ({ tenant }, response) => {
    response.json({ id: tenant?.tenant, slug: tenant?.placement.slug });
  });
  app.use('/accounts', accountRoutes({ tenancy, database }));

  app.use(() => {
    throw new Problem(404, 'There is no such address.');
  });
  app.use(answerErrors);

  const server = createServer(app);
  return {
    async listen(port, host = '127.0.0.1') {
      server.listen(port, host);
      await once(server, 'listening');
      return urlOf(server);
    },
    close: () => closeServer(server),
  };
}

const answerErrors: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const { status, headers, body } = answerTo(error);
  if (status >= 500) console.error(error);
  response.status(status).set(headers).send(body);
};

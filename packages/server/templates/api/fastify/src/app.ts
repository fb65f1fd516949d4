import { tenancyPlugin } from '@tenantry/tenancy/fastify';
import { fastify, type FastifyReply } from 'fastify';
import { accountRoutes } from './accounts/account-routes.ts';
import type { App, AppOptions } from './application.ts';
import { answerTo, Problem, type ProblemAnswer } from './problem.ts';

/** The application; it listens to nothing yet. */
export async function buildApp({ tenancy, resolver, database }: AppOptions): Promise<App> {
  const app = fastify({ logger: { level: 'error' } });
  app.setErrorHandler((error, request, reply) => {
    const answer = answerTo(error);
    if (answer.status >= 500) request.log.error(error);
    return send(reply, answer);
  });
  app.setNotFoundHandler(async (_request, reply) =>
    send(reply, answerTo(new Problem(404, 'There is no such address.'))),
  );
  await app.register(tenancyPlugin, { tenancy, resolver });

  app.get('/health', { config: { tenant: false } }, async () => ({ status: 'ok' }));
  app.get('/tenant', async ({ tenant }) => ({ id: tenant?.tenant, slug: tenant?.placement.slug }));
  await app.register(accountRoutes, { prefix: '/accounts', tenancy, database });

  return {
    listen: (port, host = '127.0.0.1') => app.listen({ port, host }),
    close: () => app.close(),
  };
}

function send(reply: FastifyReply, { status, headers, body }: ProblemAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

import type { FastifyPluginCallback } from 'fastify';
import type { AppOptions } from '../application.ts';
import { parseId, parseName, parsePage } from './account.ts';
import { accountsOf } from './account-service.ts';

interface One {
  readonly Params: { readonly id: string };
}

type Services = Pick<AppOptions, 'tenancy' | 'database'>;

export const accountRoutes: FastifyPluginCallback<Services> = (app, services, ready) => {
  app.get<{ Querystring: Record<string, unknown> }>('/', async ({ query }) =>
    accountsOf(services).list(parsePage(query)),
  );

  app.post('/', async ({ body }, reply) => {
    const account = await accountsOf(services).create(parseName(body));
    return reply.code(201).header('location', `/accounts/${account.id}`).send(account);
  });

  app.get<One>('/:id', async ({ params }) => accountsOf(services).get(parseId(params.id)));

  app.patch<One>('/:id', async ({ params, body }) =>
    accountsOf(services).rename(parseId(params.id), parseName(body)),
  );

  app.delete<One>('/:id', async ({ params }, reply) => {
    await accountsOf(services).remove(parseId(params.id));
    return reply.code(204).send();
  });

  ready();
};

import { Router } from 'express';
import type { AppOptions } from '../application.ts';
import { parseId, parseName, parsePage } from './account.ts';
import { accountsOf } from './account-service.ts';

export function accountRoutes(services: Pick<AppOptions, 'tenancy' | 'database'>): Router {
  const routes = Router();

  routes.get('/', async ({ query }, response) => {
    response.json(await accountsOf(services).list(parsePage(query)));
  });

  routes.post('/', async (request, response) => {
    const account = await accountsOf(services).create(parseName(request.body));
    response.status(201).location(`/accounts/${account.id}`).json(account);
  });

  routes.get('/:id', async ({ params }, response) => {
    response.json(await accountsOf(services).get(parseId(params.id)));
  });

  routes.patch('/:id', async (request, response) => {
    response.json(await accountsOf(services).rename(parseId(request.params.id), parseName(request.body)));
  });

  routes.delete('/:id', async ({ params }, response) => {
    await accountsOf(services).remove(parseId(params.id));
    response.status(204).end();
  });

  return routes;
}

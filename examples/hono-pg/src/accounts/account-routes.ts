import type { TenancyEnv } from '@tenantry/tenancy/hono';
import { Hono, type Context } from 'hono';
import type { AppOptions } from '../application.ts';
import { parseId, parseName, parsePage } from './account.ts';
import { accountsOf } from './account-service.ts';

export function accountRoutes(services: Pick<AppOptions, 'tenancy' | 'database'>): Hono<TenancyEnv> {
  const routes = new Hono<TenancyEnv>();

  routes.get('/', async (context) =>
    context.json(await accountsOf(services).list(parsePage(queryOf(context)))),
  );

  routes.post('/', async (context) => {
    const account = await accountsOf(services).create(parseName(await jsonOf(context)));
    return context.json(account, 201, { location: `/accounts/${account.id}` });
  });

  routes.get('/:id', async (context) =>
    context.json(await accountsOf(services).get(parseId(context.req.param('id')))),
  );

  routes.patch('/:id', async (context) => {
    const id = parseId(context.req.param('id'));
    return context.json(await accountsOf(services).rename(id, parseName(await jsonOf(context))));
  });

  routes.delete('/:id', async (context) => {
    await accountsOf(services).remove(parseId(context.req.param('id')));
    return context.body(null, 204);
  });

  return routes;
}

/** A parameter that was sent twice is a list, as in other frameworks, and not the first of it. */
function queryOf({ req }: Context): Record<string, unknown> {
  const entries = Object.entries(req.queries());
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** Undefined where it is no JSON, which is as bad as the wrong one. */
async function jsonOf({ req }: Context): Promise<unknown> {
  try {
    return await req.json();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

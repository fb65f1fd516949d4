// #region app
import type { Tenancy } from '@tenantry/tenancy';
import { tenancyErrorHandler, tenancyPlugin } from '@tenantry/tenancy/fastify';
import type { TenantResolver } from '@tenantry/tenancy/resolve';
import Fastify, { type FastifyInstance } from 'fastify';
import { openAccount } from './open-account.ts';

export async function buildApp(tenancy: Tenancy, resolver: TenantResolver): Promise<FastifyInstance> {
  const app = Fastify();
  app.setErrorHandler(tenancyErrorHandler);
  await app.register(tenancyPlugin, { tenancy, resolver });

  app.get('/health', { config: { tenant: false } }, async () => ({ status: 'up' }));

  app.get('/accounts', async () => {
    const { rows } = await tenancy.query('SELECT id, name FROM accounts ORDER BY id LIMIT 100');
    return rows;
  });

  app.get<{ Params: { id: string } }>('/accounts/:id', async ({ params }, reply) => {
    const { rows } = await tenancy.query('SELECT id, name FROM accounts WHERE id::text = $1', [params.id]);
    return rows[0] ?? reply.code(404).send();
  });

  app.post<{ Body: { name: string; key: string } }>(
    '/accounts',
    { schema: { body } },
    async (request, reply) =>
      reply.code(201).send(await openAccount(tenancy, request.body.name, request.body.key)),
  );
  return app;
}

const body = {
  type: 'object',
  required: ['name', 'key'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 200 },
    key: { type: 'string', pattern: '^[A-Z]{2,8}$' },
  },
};
// #endregion

// #region app
import type { Tenancy } from '@tenantry/tenancy';
import { tenancyErrors, tenancyMiddleware, withoutTenant, type TenancyEnv } from '@tenantry/tenancy/hono';
import type { TenantResolver } from '@tenantry/tenancy/resolve';
import { Hono } from 'hono';
import { openAccount } from './open-account.ts';

export function buildApp(tenancy: Tenancy, resolver: TenantResolver): Hono<TenancyEnv> {
  const app = new Hono<TenancyEnv>();
  app.onError(tenancyErrors());
  app.use(withoutTenant(tenancy));
  app.get('/health', (context) => context.json({ status: 'up' }));

  app.use(tenancyMiddleware({ tenancy, resolver }));

  app.get('/accounts', async (context) => {
    const { rows } = await tenancy.query('SELECT id, name FROM accounts ORDER BY id LIMIT 100');
    return context.json(rows);
  });

  app.get('/accounts/:id', async (context) => {
    const id = context.req.param('id');
    const { rows } = await tenancy.query('SELECT id, name FROM accounts WHERE id::text = $1', [id]);
    return rows[0] === undefined ? context.notFound() : context.json(rows[0]);
  });

  app.post('/accounts', async (context) => {
    const { name, key } = await context.req.json<{ name: unknown; key: unknown }>();
    if (typeof name !== 'string' || typeof key !== 'string') return context.body(null, 400);
    return context.json(await openAccount(tenancy, name, key), 201);
  });
  return app;
}
// #endregion

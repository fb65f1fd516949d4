/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 passes their errors on */
// #region app
import type { Tenancy } from '@tenantry/tenancy';
import { tenancyErrors, tenancyMiddleware, withoutTenant } from '@tenantry/tenancy/express';
import type { TenantResolver } from '@tenantry/tenancy/resolve';
import express, { type Express } from 'express';
import { openAccount } from './open-account.ts';

export function buildApp(tenancy: Tenancy, resolver: TenantResolver): Express {
  const app = express();
  app.use(withoutTenant(tenancy));
  app.get('/health', (_request, response) => response.json({ status: 'up' }));

  // The parser of bodies first, then the tenant: what comes after both is the tenant's.
  app.use(express.json(), tenancyMiddleware({ tenancy, resolver }));

  app.get('/accounts', async (_request, response) => {
    const { rows } = await tenancy.query('SELECT id, name FROM accounts ORDER BY id LIMIT 100');
    response.json(rows);
  });

  app.get('/accounts/:id', async ({ params }, response) => {
    const { rows } = await tenancy.query('SELECT id, name FROM accounts WHERE id::text = $1', [params.id]);
    if (rows[0] === undefined) response.sendStatus(404);
    else response.json(rows[0]);
  });

  app.post('/accounts', async (request, response) => {
    const { name, key } = request.body as { name: unknown; key: unknown };
    if (typeof name !== 'string' || typeof key !== 'string') response.sendStatus(400);
    else response.status(201).json(await openAccount(tenancy, name, key));
  });

  app.use(tenancyErrors());
  return app;
}
// #endregion

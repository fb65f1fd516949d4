import type { Directory, Tenancy } from '@tenantry/tenancy';
import { tenancyErrors, tenancyMiddleware, type TenancyEnv } from '@tenantry/tenancy/hono';
import { apiKey, provenBy, tenantResolver, type ApiKeyOwner } from '@tenantry/tenancy/resolve';
import { Hono } from 'hono';

export interface AppOptions {
  readonly tenancy: Tenancy;
  readonly directory: Directory;
  readonly ownerOf: (sha256: string) => ApiKeyOwner | undefined;
}

/** An application to test: accounts, by API key. */
export function buildApp({ tenancy, directory, ownerOf }: AppOptions): Hono<TenancyEnv> {
  const resolver = tenantResolver({
    directory,
    sources: [apiKey({ lookup: ({ sha256 }) => ownerOf(sha256) })],
    membership: provenBy('API key'),
  });
  const app = new Hono<TenancyEnv>();
  app.onError(tenancyErrors());
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
    const { name } = await context.req.json<{ name: unknown }>();
    if (typeof name !== 'string') return context.body(null, 400);
    await tenancy.query('INSERT INTO accounts (name) VALUES ($1)', [name]);
    return context.body(null, 201);
  });
  return app;
}

import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { tenancyErrors, tenancyMiddleware, withoutTenant, type TenancyEnv } from '../../src/adapters/hono.ts';
import { listen } from './listen.ts';
import { addSql, listSql, oneSql, webSuite } from './web-suite.ts';

webSuite('Hono', async ({ tenancy, resolver, suspend }) => {
  const app = new Hono<TenancyEnv>();
  const { pool } = tenancy;
  app.use(withoutTenant(tenancy));
  app.get('/health', (c) => c.text('ok'));
  app.get('/nobody', async (c) => c.json((await pool.query(listSql)).rows));
  app.use(tenancyMiddleware({ tenancy, resolver }));
  app.get('/notes', async (c) => c.json((await pool.query(listSql)).rows));
  app.get('/notes/:id', async (c) =>
    c.json((await pool.query(oneSql, [c.req.param('id')])).rows[0] as object),
  );
  app.post('/notes', async (c) => {
    const { id, body } = await c.req.json<{ id: number; body: string }>();
    return c.json((await pool.query(addSql, [id, body])).rows[0] as object);
  });
  app.get('/whoami', (c) => c.json({ tenant: c.get('tenant').tenant, current: tenancy.current() }));
  app.get('/late', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return c.json((await pool.query(listSql)).rows);
  });
  app.get('/suspended', async (c) => {
    suspend();
    return c.json((await pool.query(listSql)).rows);
  });
  app.onError(tenancyErrors());
  return listen((request, response) => void getRequestListener(app.fetch)(request, response));
});

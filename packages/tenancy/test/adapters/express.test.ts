/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 takes promises */
import express, { type ErrorRequestHandler } from 'express';
import { tenancyErrors, tenancyMiddleware, withoutTenant } from '../../src/adapters/express.ts';
import { listen } from './listen.ts';
import { addSql, listSql, oneSql, webSuite } from './web-suite.ts';

webSuite('Express', async ({ tenancy, resolver, suspend }) => {
  const app = express();
  const { pool } = tenancy;
  app.use(withoutTenant(tenancy));
  app.get('/health', (_request, response) => void response.send('ok'));
  app.get('/nobody', async (_request, response) => void response.json((await pool.query(listSql)).rows));
  app.use(tenancyMiddleware({ tenancy, resolver }), express.json());
  app.get('/notes', async (_request, response) => void response.json((await pool.query(listSql)).rows));
  app.get('/notes/:id', async (request, response) => {
    response.json((await pool.query(oneSql, [request.params.id])).rows[0]);
  });
  app.post('/notes', async (request, response) => {
    const { id, body } = request.body as { id: number; body: string };
    response.json((await pool.query(addSql, [id, body])).rows[0]);
  });
  app.get('/whoami', (request, response) => {
    response.json({ tenant: request.tenant!.tenant, current: tenancy.current() });
  });
  app.get('/late', (_request, response) => {
    setTimeout(() => void pool.query(listSql).then(({ rows }) => response.json(rows)), 5);
  });
  app.get('/suspended', async (_request, response) => {
    suspend();
    response.json((await pool.query(listSql)).rows);
  });
  const last: ErrorRequestHandler = (_error, _request, response, _next) =>
    void response.status(500).send('failed');
  app.use(tenancyErrors(), last);
  return listen(app);
});

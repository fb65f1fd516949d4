/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify takes promises */
import fastify from 'fastify';
import { tenancyErrorHandler, tenancyPlugin } from '../../src/adapters/fastify.ts';
import { addSql, listSql, oneSql, webSuite } from './web-suite.ts';

webSuite('Fastify', async ({ tenancy, resolver, suspend }) => {
  const app = fastify();
  app.setErrorHandler(tenancyErrorHandler);
  await app.register(tenancyPlugin, { tenancy, resolver });
  // A hook that calls on from somewhere else, as from an event of a stream, has lost the context.
  app.addHook('preParsing', (_request, _reply, payload, done) => tenancy.exit(() => done(null, payload)));
  const { pool } = tenancy;
  app.get('/notes', async () => (await pool.query(listSql)).rows);
  app.get<{ Params: { id: string } }>(
    '/notes/:id',
    async ({ params }) => (await pool.query(oneSql, [params.id])).rows[0],
  );
  app.post<{ Body: { id: number; body: string } }>('/notes', async ({ body }) => {
    return (await pool.query(addSql, [body.id, body.body])).rows[0];
  });
  app.get('/whoami', async (request) => ({ tenant: request.tenant!.tenant, current: tenancy.current() }));
  app.get('/late', (_request, reply) => {
    setTimeout(() => void pool.query(listSql).then(({ rows }) => reply.send(rows)), 5);
  });
  app.get('/suspended', async () => {
    suspend();
    return (await pool.query(listSql)).rows;
  });
  // In a plugin of its own: the hooks are for the whole application.
  await app.register(async (inner) => {
    inner.get('/health', { config: { tenant: false } }, async () => 'ok');
    inner.get('/nobody', { config: { tenant: false } }, async () => (await pool.query(listSql)).rows);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => app.close() };
});

import { afterEach, expect, test } from 'vitest';
import { attackHttp, type HttpTenant } from '../../src/attacks/index.ts';

/** The four example APIs, over the network and as a stranger sees them. */
let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

// Loaded by each test itself: one of them needs code that is generated.
test.each([
  ['express-drizzle', () => import('../../../../examples/express-drizzle/test/support.ts')],
  ['fastify-kysely', () => import('../../../../examples/fastify-kysely/test/support.ts')],
  ['hono-pg', () => import('../../../../examples/hono-pg/test/support.ts')],
  ['nestjs-prisma', () => import('../../../../examples/nestjs-prisma/test/support.ts')],
] as const)(
  '%s keeps its tenants apart',
  async (_, load) => {
    const { startTestApi } = await load();
    const api = await startTestApi();
    stop = () => api.stop();
    const tenants: HttpTenant[] = [];
    for (const tenant of await api.tenants.pair()) {
      const { rows } = await tenant.query('SELECT id::text AS id FROM accounts ORDER BY id LIMIT 1');
      tenants.push({
        name: tenant.slug,
        headers: await api.as(tenant),
        marks: [tenant.canary],
        ids: [tenant.slug, tenant.tenant],
        params: { id: (rows[0] as { readonly id: string }).id },
      });
    }
    const results = await attackHttp({
      spec: {
        url: api.url,
        tenants: [tenants[0]!, tenants[1]!],
        routes: [
          { route: 'GET /tenant', shows: false },
          'GET /accounts',
          'GET /accounts/{id}',
          { route: 'POST /accounts', body: { name: '{word}' } },
          { route: 'PATCH /accounts/{id}', body: { name: '{word}' } },
          'DELETE /accounts/{id}',
        ],
      },
    });
    expect(
      results
        .filter(({ verdict }) => verdict === 'hit' || verdict === 'unexpected')
        .map(({ attack, message, steps }) => [attack, message, steps]),
    ).toEqual([]);
  },
  90_000,
);

import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { staticDirectory, type StaticDirectory } from '../../src/directory/index.ts';
import { createTenancy, isTenancyError, newTenantId, type Tenancy } from '../../src/index.ts';
import {
  apiKey,
  header,
  subdomain,
  tenantResolver,
  type TenantResolver,
  type TenantSource,
} from '../../src/resolve/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { call, raw } from './client.ts';

export interface Running {
  readonly url: string;
  close(): Promise<void>;
}

/** What an application under test is made of. */
export interface AppParts {
  readonly tenancy: Tenancy;
  readonly resolver: TenantResolver;
  /** Runs in the middle of `GET /suspended`. */
  readonly suspend: () => void;
}

/**
 * The application: `GET /notes`, `GET /notes/:id`, `POST /notes` (body in JSON), `GET /whoami`, `GET /late` (the notes, after a
 * timer), `GET /suspended` (calls `suspend`, then reads the notes), `GET /health` and `GET /nobody` (reads the notes) without a
 * tenant. Rows are JSON as they are.
 */
export type StartApp = (parts: AppParts) => Promise<Running>;

export const listSql = 'SELECT id, body FROM notes ORDER BY id';
export const oneSql = 'SELECT id, body FROM notes WHERE id = $1';
export const addSql = 'INSERT INTO notes (id, body) VALUES ($1, $2) RETURNING id, body, current_user AS role';

/** Who calls, as something that authenticated it before would have left it. */
const user: TenantSource = {
  name: 'user',
  read: (request) => ({ kind: 'absent', proof: request.values('x-user')[0] }),
};

/** What every adapter for a web framework has to do, over real HTTP and against a real PostgreSQL. */
export function webSuite(name: string, start: StartApp): void {
  describe.each([name])('%s', () => {
    let cell: TestCell;
    let tenancy: Tenancy;
    let app: Running;
    let a: TestTenant;
    let b: TestTenant;
    let directory: StaticDirectory;
    let suspended: () => void = () => {};

    beforeAll(async () => {
      cell = await startTestCell({ tenants: 3 });
      [a, b] = cell.tenants as [TestTenant, TestTenant];
      directory = staticDirectory(cell.placements());
      tenancy = createTenancy({ directory, credentialKey: cell.credentialKey });
      const keys = new Map([['key-of-a', a.id]]);
      const resolver = tenantResolver({
        directory,
        sources: [
          header(),
          subdomain({ of: 'app.test' }),
          apiKey({ lookup: ({ sha256 }) => keyOf(keys, sha256) }),
          user,
        ],
        membership: ({ placement, proofs }) => proofs['user'] === placement.slug,
      });
      // Started in somebody's context, as it happens where an application is set up lazily.
      app = await tenancy.run(a.id, () => start({ tenancy, resolver, suspend: () => suspended() }));
    });
    afterAll(async () => {
      await app?.close();
      await tenancy?.close();
      await cell?.stop();
    });

    const by = (tenant: TestTenant, other: Record<string, string> = {}) => ({
      headers: { 'x-tenant': tenant.slug, 'x-user': tenant.slug, ...other },
    });

    test('two hundred requests of two tenants with the same ids at once: everybody gets his own', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      const paths = ['/notes', '/notes/3', '/late', '/whoami'];
      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const tenant = i % 2 === 0 ? a : b;
          const foreign = tenant === a ? b : a;
          const path = paths[(i >> 1) % paths.length]!;
          const answer = await call(app.url + path, { ...by(tenant), agent });
          expect(answer.status, answer.body).toBe(200);
          expect(answer.body).toContain(path === '/whoami' ? tenant.id : tenant.canary);
          expect(answer.body).not.toContain(foreign.id);
        }),
      );
      agent.destroy();
    });

    test('one connection serves one tenant after the other, and nobody', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const tenant of [a, b, a]) {
        expect((await call(`${app.url}/notes/1`, { ...by(tenant), agent })).body).toContain(tenant.canary);
        expect((await call(`${app.url}/nobody`, { agent })).status).toBe(500);
      }
      agent.destroy();
    });

    test.each([false, true])(
      'a body is written as the tenant of the request (in pieces: %s)',
      async (slowly) => {
        const id = slowly ? 11 : 10;
        const answers = await Promise.all(
          [a, b].map((tenant) =>
            call(`${app.url}/notes`, {
              method: 'POST',
              ...by(tenant),
              body: { id, body: `by ${tenant.id}` },
              slowly,
            }),
          ),
        );
        expect(answers.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
          { id, body: `by ${a.id}`, role: expect.any(String) as string },
          { id, body: `by ${b.id}` },
        ]);
      },
    );

    test('the subdomain names the tenant, in whatever form', async () => {
      for (const host of [`${a.slug}.app.test`, `${a.slug.toUpperCase()}.App.Test.:8080`]) {
        const answer = await call(`${app.url}/whoami`, { headers: { host, 'x-user': a.slug } });
        expect(answer.body).toContain(a.id);
      }
    });

    test('a request without a tenant is refused, whatever the server was started in', async () => {
      const answer = await call(`${app.url}/notes`);
      expect(answer).toMatchObject({
        status: 400,
        headers: { 'content-type': expect.stringContaining('application/problem+json') as string },
      });
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'TENANT_SOURCE_INVALID', status: 400 });
      expect(answer.body).not.toContain(a.canary);
    });

    test('a route that is nobody’s works, and reads nothing', async () => {
      expect((await call(`${app.url}/health`)).status).toBe(200);
      for (const options of [{}, by(a)]) {
        const answer = await call(`${app.url}/nobody`, options);
        expect(answer.status).toBe(500);
        expect(answer.body).not.toContain('canary');
      }
    });

    test('unknown, suspended, deleted and forbidden are the same 404', async () => {
      const [, , suspendedOne] = cell.tenants;
      directory.remove(suspendedOne!.id);
      const deleted = newTenantId();
      const answers = await Promise.all([
        call(`${app.url}/notes`, by({ ...a, slug: 'nobody-has-this' })),
        call(`${app.url}/notes`, by(suspendedOne!)),
        call(`${app.url}/notes`, { headers: { 'x-tenant': deleted, 'x-user': a.slug } }),
        call(`${app.url}/notes`, { headers: { 'x-tenant': b.slug, 'x-user': a.slug } }),
        call(`${app.url}/notes`, { headers: { 'x-tenant': b.id } }),
        call(`${app.url}/notes`, { headers: { host: `${b.slug}.app.test`, 'x-user': a.slug } }),
      ]);
      const seen = answers.map(({ status, body, headers }) => ({
        status,
        body,
        headers: { ...headers, date: '' },
      }));
      expect(seen[0]).toMatchObject({ status: 404 });
      expect(JSON.parse(seen[0]!.body)).toMatchObject({
        code: 'TENANT_NOT_FOUND',
        title: 'There is no such tenant',
      });
      for (const other of seen) expect(other).toEqual(seen[0]);
    });

    test('unknown and forbidden take the same time', async () => {
      const times: number[][] = [[], []];
      for (let i = 0; i < 7; i++) {
        for (const [kind, tenant] of [`nobody-${i}`, b.slug].entries()) {
          const { ms } = await call(`${app.url}/notes`, {
            headers: { 'x-tenant': tenant, 'x-user': a.slug },
          });
          times[kind]!.push(ms);
        }
      }
      const [unknown, forbidden] = times.map((all) => all.toSorted((x, y) => x - y)[3]!);
      expect(Math.abs(unknown! - forbidden!), times.join(' / ')).toBeLessThan(25);
    });

    test('sources that disagree are a 400, also where one of them is nobody’s', async () => {
      const host = `${a.slug}.app.test`;
      for (const named of [b.slug, b.id, 'nobody-has-this']) {
        const answer = await call(`${app.url}/notes`, {
          headers: { host, 'x-tenant': named, 'x-user': a.slug },
        });
        expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'TENANT_SOURCE_CONFLICT' });
      }
      const agreeing = { host, 'x-tenant': a.id, 'x-api-key': 'key-of-a', 'x-user': a.slug };
      expect((await call(`${app.url}/notes`, { headers: agreeing })).status).toBe(200);
    });

    test('an invalid source is not passed over for a valid one', async () => {
      const good = { 'x-tenant': a.slug, 'x-user': a.slug };
      expect(await call(`${app.url}/notes`, { headers: { ...good, 'x-api-key': 'revoked' } })).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer' },
      });
      const bads: Record<string, string>[] = [
        { host: 'x_y.app.test' },
        { host: 'a.b.app.test' },
        { 'x-tenant': 'No Tenant' },
        { 'x-tenant': '' },
      ];
      for (const bad of bads)
        expect(
          (await call(`${app.url}/notes`, { headers: { ...good, 'x-api-key': 'key-of-a', ...bad } })).status,
        ).toBe(400);
    });

    test('headers that are sent twice are refused', async () => {
      const opening = ['GET /notes HTTP/1.1', `X-User: ${a.slug}`];
      const host = (slug: string): string => `Host: ${slug}.app.test`;
      expect(await raw(app.url, [...opening, host(a.slug)])).toContain(' 200 ');
      for (const lines of [
        [host(a.slug), host(b.slug)],
        [host(a.slug), host(a.slug)],
        ['Host: app.test', `X-Tenant: ${a.slug}`, `X-Tenant: ${b.slug}`],
      ])
        expect(await raw(app.url, [...opening, ...lines])).toContain(' 400 ');
    });

    test('a tenant that is suspended while its request is under way gets the 404 too', async () => {
      const tenant = await cell.addTenant();
      directory.set(cell.placement(tenant));
      suspended = () => directory.remove(tenant.id);
      const answer = await call(`${app.url}/suspended`, by(tenant));
      expect(answer).toMatchObject({ status: 404 });
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'TENANT_NOT_FOUND' });
    });

    test('whoever has no context is told so by a stable code', async () => {
      const error: unknown = await tenancy.pool.query(listSql).catch((caught: unknown) => caught);
      expect(isTenancyError(error) && error.code).toBe('TENANT_CONTEXT_MISSING');
    });
  });
}

function keyOf(keys: ReadonlyMap<string, string>, sha256: string): { tenant: string } | undefined {
  // The digest of "key-of-a".
  const digests: Readonly<Record<string, string>> = { [keyDigest]: 'key-of-a' };
  const tenant = keys.get(digests[sha256] ?? '');
  return tenant === undefined ? undefined : { tenant };
}

const keyDigest = 'ee063bb3d7270fdf6148f09dde510a5cf346c4aa4dd2ff4b2caec5348d799043';

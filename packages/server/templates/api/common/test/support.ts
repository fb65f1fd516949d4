import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { flyway } from '@tenantry/migrate/testing';
import { startTestTenants, type TestTenant, type TestTenants } from '@tenantry/tenancy/testing';
import { buildApp } from '../src/app.ts';
import { openDatabase } from '../src/database.ts';
import { signToken } from '../src/identity.ts';
import { createResolver } from '../src/resolver.ts';

/** The application on a PostgreSQL of its own, spoken to over HTTP. */
export interface TestApi {
  readonly url: string;
  readonly tenants: TestTenants;
  /** Headers of somebody who works for a tenant. */
  readonly as: (tenant: TestTenant) => Promise<Record<string, string>>;
  call(tenant: TestTenant, method: string, path: string, body?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of JSON; null where there is no body. */
  readonly body: unknown;
}

/** `sql` is run in each new tenant after the migrations, for what only a test needs. */
export async function startTestApi({ sql = '' } = {}): Promise<TestApi> {
  const migrations = flyway(fileURLToPath(new URL('../__migrations__', import.meta.url)));
  const tenants = await startTestTenants({
    async schema(client, schema) {
      await migrations(client, schema);
      await client.query(sql);
    },
  });
  const secret = randomBytes(32);
  const { tenancy, directory } = tenants;
  const resolver = createResolver(directory, secret);
  const app = await buildApp({ tenancy, resolver, database: openDatabase(tenancy) });
  const url = await app.listen(0);
  const as = async ({ tenant }: TestTenant): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await signToken(secret, tenant)}`,
  });
  return {
    url,
    tenants,
    as,
    async call(tenant, method, path, body) {
      const headers = {
        ...(await as(tenant)),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return answerOf(
        await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: text }) }),
      );
    },
    async stop() {
      await app.close();
      await tenants.stop();
    },
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

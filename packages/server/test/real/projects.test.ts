import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { Tenant } from '@tenantry/contract';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/server.ts';

/** Migration directories of real products, and what the real Flyway made of them. Not part of this project. */
const data = resolve(
  process.env['TENANTRY_FLYWAY_DATA'] ?? join(import.meta.dirname, '../../../../../shared/flyway'),
);
const tenantsEach = Number(process.env['TENANTRY_TEST_TENANTS'] ?? 50);

interface HistoryRow {
  readonly installed_rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

interface Expected {
  readonly schemas: Readonly<
    Record<string, { readonly relationsInSchema: number; readonly history: HistoryRow[] }>
  >;
}

const projects: readonly (readonly [name: string, options: TestServerOptions])[] = [
  ['interventions', { extensions: 'pgcrypto' }],
  ['ohdsi-webapi', { placeholders: 'ohdsiSchema={schema}' }],
  ['conductor', {}],
];

const missing = existsSync(data) ? '' : ' (skipped: TENANTRY_FLYWAY_DATA names no directory)';

describe.skipIf(missing !== '')(`real projects${missing}`, () => {
  test.each(projects)(
    `${tenantsEach} tenants of %s, each with the history that Flyway would have written`,
    { timeout: 300_000 },
    async (name, options) => {
      const server = await startTestServer({ ...options, migrations: join(data, 'real', name, 'sql') });
      try {
        const expected = await expectedOf(name);
        const tenants = await provision(server, tenantsEach);
        expect(tenants.map(({ state }) => state)).toEqual(tenants.map(() => 'active'));
        for (const { schema } of tenants) {
          expect(await historyOf(server, schema)).toEqual(expected.history);
          expect(await relationsIn(server, schema)).toBe(expected.relations);
        }
        expect(await relationsIn(server, 'public')).toBe(0);
      } finally {
        await server.stop();
      }
    },
  );

  test('a project with public. hard-coded is refused by the containment check and leaves no trace', async () => {
    const server = await startTestServer({ migrations: join(data, 'real/ccd-definition-store/sql') });
    try {
      const { operation } = await server.admin.call('createTenant', { body: { slug: 'acme' } });
      const finished = await server.finished(operation.id);
      expect(finished.state).toBe('failed');
      expect(finished.error).toMatchObject({
        code: 'MIGRATION_NOT_CONTAINED',
        file: 'V0001__Base_version.sql',
        line: 9,
      });
      const { rows } = await server.superuser.query(
        `SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 't\\_%') AS roles,
                (SELECT count(*)::int FROM pg_namespace WHERE nspname LIKE 't\\_%') AS schemas,
                (SELECT count(*)::int FROM tenantry.tenants) AS tenants`,
      );
      expect(rows[0]).toEqual({ roles: 0, schemas: 0, tenants: 0 });
      expect(await relationsIn(server, 'public')).toBe(0);
      const audit = await server.admin.call('listAudit', { query: { action: 'tenant.provision' } });
      expect(audit.items[0]).toMatchObject({
        outcome: 'failure',
        after: { error: { file: 'V0001__Base_version.sql' } },
      });
    } finally {
      await server.stop();
    }
  });
});

async function expectedOf(project: string): Promise<{ history: HistoryRow[]; relations: number }> {
  const text = await readFile(join(data, 'real', project, 'expected.flyway-11.20.3.json'), 'utf8');
  const { history, relationsInSchema } = (JSON.parse(text) as Expected).schemas['tenant_a']!;
  return { history: history.filter(({ type }) => type !== 'SCHEMA'), relations: relationsInSchema };
}

async function provision(server: TestServer, count: number): Promise<Tenant[]> {
  const created = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      server.admin.call('createTenant', { body: { slug: `tenant-${n}` } }),
    ),
  );
  for (const { operation } of created) {
    const finished = await server.finished(operation.id);
    expect(finished.error).toBeNull();
  }
  return Promise.all(
    created.map(({ operation }) =>
      server.admin.call('getTenant', { params: { tenant: operation.tenantId ?? '' } }),
    ),
  );
}

async function historyOf(server: TestServer, schema: string): Promise<HistoryRow[]> {
  const { rows } = await server.superuser.query<HistoryRow>(
    `SELECT installed_rank, version, description, type, script, checksum, success
       FROM ${pg.escapeIdentifier(schema)}.flyway_schema_history ORDER BY installed_rank`,
  );
  return rows;
}

async function relationsIn(server: TestServer, schema: string): Promise<number> {
  const { rows } = await server.superuser.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = $1::regnamespace',
    [schema],
  );
  return rows[0]!.n;
}

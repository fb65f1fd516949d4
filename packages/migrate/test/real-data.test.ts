import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyToEmptySchema, lintMigrations, loadMigrations } from '../src/index.ts';
import { asOwner, EXTENSIONS, startCell } from './support/cell.ts';
import type { Cell, Tenant } from './support/cell.ts';
import { DATA, dataMissing, refusal, skipReason } from './support/files.ts';

let cell: Cell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

interface Expected {
  readonly schemas: Readonly<
    Record<string, { readonly relationsInSchema: number; readonly history: readonly ExpectedRow[] }>
  >;
}
interface ExpectedRow {
  readonly installed_rank: number;
  readonly type: string;
}

function expected(name: string): Expected {
  return JSON.parse(
    readFileSync(join(DATA, 'real', name, 'expected.flyway-11.20.3.json'), 'utf8'),
  ) as Expected;
}

async function apply(name: string, tenant: Tenant, placeholders: Readonly<Record<string, string>> = {}) {
  const set = await loadMigrations({ locations: [join(DATA, 'real', name, 'sql')] });
  return asOwner(cell.client, tenant, () =>
    applyToEmptySchema(cell.client, set, {
      schema: tenant.schema,
      placeholders,
      allowedExtensions: EXTENSIONS,
    }),
  );
}

async function history(schema: string): Promise<unknown[]> {
  const { rows } = await cell.superuser((client) =>
    client.query(
      `SELECT installed_rank, version, description, type, script, checksum, success FROM "${schema}".flyway_schema_history ORDER BY 1`,
    ),
  );
  return rows;
}

async function relations(schema: string): Promise<number> {
  const { rows } = await cell.client.query<{ count: string }>(
    "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r','v','m','S','i','p','I')",
    [schema],
  );
  return Number(rows[0]?.count);
}

describe.skipIf(dataMissing)(`real projects${skipReason}`, () => {
  it.each(['interventions', 'ohdsi-webapi', 'conductor'])(
    '%s is applied as Flyway applied it',
    async (name) => {
      const tenant = await cell.newSchema();
      const result = await apply(name, tenant, { ohdsiSchema: tenant.schema });
      const { history: rows, relationsInSchema } = expected(name).schemas['tenant_a'] ?? {
        history: [],
        relationsInSchema: -1,
      };
      expect(await history(tenant.schema)).toEqual(rows.filter(({ type }) => type !== 'SCHEMA'));
      expect(result.revisions.length).toBe(rows.length - 1);
      expect(await relations(tenant.schema)).toBe(relationsInSchema);
    },
  );

  it('approved-premises hard-codes a schema and wants an extension that is not allowed: refused before it runs', async () => {
    const set = await loadMigrations({
      locations: ['all', 'all-except-integration'].map((name) =>
        join(DATA, 'real/approved-premises/sql', name),
      ),
      sqlMigrationPrefix: '',
    });
    const tenant = await cell.newSchema();
    const options = { schema: tenant.schema };
    expect(
      await refusal(asOwner(cell.client, tenant, () => applyToEmptySchema(cell.client, set, options))),
    ).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      rule: 'hard-coded-schema',
      file: '20220913115157__non_arrival_reasons_seed_data.sql',
      line: 1,
    });
    const extension = (await lintMigrations(set, options)).find(({ rule }) => rule === 'extension');
    expect(extension).toMatchObject({ script: '20230306135505__enable_postgis.sql', line: 1 });
    expect(extension?.instead).toContain('allowedExtensions');
    expect(await relations(tenant.schema)).toBe(0);
  });

  it('ccd-definition-store is refused with the file named and leaves nothing', async () => {
    const tenant = await cell.newSchema();
    const refused = await refusal(apply('ccd-definition-store', tenant));
    expect(refused).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V0001__Base_version.sql',
      line: 9,
    });
    expect(await relations(tenant.schema)).toBe(0);
    expect(await relations('public')).toBe(0);
  });
});

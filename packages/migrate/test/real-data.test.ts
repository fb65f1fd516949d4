import { readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyToEmptySchema, loadMigrations, MigrateError } from '../src/index.ts';
import { asOwner, EXTENSIONS, startCell } from './support/cell.ts';
import type { Cell, Tenant } from './support/cell.ts';

const DATA = process.env['TENANTRY_FLYWAY_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/flyway');
const reason = existsSync(join(DATA, 'real')) ? '' : ` (skipped: no data in ${DATA})`;

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

describe.skipIf(reason !== '')(`real projects${reason}`, () => {
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

  it('ccd-definition-store is refused with the file named and leaves nothing', async () => {
    const tenant = await cell.newSchema();
    const refused: unknown = await apply('ccd-definition-store', tenant).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MigrateError);
    expect(refused).toMatchObject({
      code: 'MIGRATION_NOT_CONTAINED',
      file: 'V0001__Base_version.sql',
      line: 9,
    });
    expect(await relations(tenant.schema)).toBe(0);
    expect(await relations('public')).toBe(0);
  });
});

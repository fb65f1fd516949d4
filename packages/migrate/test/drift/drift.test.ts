import { escapeIdentifier } from 'pg';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import { diffSchemas, fingerprint, renderDiff, snapshotSchema } from '../../src/drift/index.ts';
import type { SchemaSnapshot } from '../../src/drift/index.ts';
import { mutations } from './mutations.ts';
import { build, everything, short } from './schema.ts';
import type { Names } from './schema.ts';

const canary: Names = { schema: 't_canary', owner: 't_canary_owner', user: 't_canary' };
const twins: readonly Names[] = [
  { schema: 't_b', owner: 't_b_owner', user: 't_b' },
  { schema: 'My "Shop"', owner: 'the owner', user: 'My "Shop"' },
  { schema: 'orders', owner: 'o', user: 'orders' },
  { schema: "it's", owner: "it's owner", user: "it's" },
  { schema: 'straße_ü', owner: 'ö', user: 'straße_ü' },
];

let postgres: TestPostgres;
let client: pg.Client;
let expected: SchemaSnapshot;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new pg.Client(postgres.superuserUrl);
  await client.connect();
  await client.query('CREATE ROLE stranger');
  await build(client, canary, everything(canary));
  expected = await snapshotSchema(client, canary.schema);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

describe('equal schemas under different names', () => {
  it.each(twins.map((names) => [names.schema, names] as const))('%s', async (schema, names) => {
    await build(client, names, everything(names));
    const actual = await snapshotSchema(client, schema);
    expect(renderDiff(diffSchemas(expected, actual))).toBe('no difference');
    expect(fingerprint(actual)).toBe(fingerprint(expected));
    const found = JSON.stringify(actual);
    if (schema !== 'orders') expect(found).not.toContain(JSON.stringify(schema).slice(1, -1));
    expect(found).not.toContain('flyway_schema_history');
  });
});

describe('one change is one difference, and names it', () => {
  it.each(mutations)('$sql', async ({ sql, differences }) => {
    const [s, u] = [canary.schema, canary.user].map(escapeIdentifier);
    await client.query(`BEGIN; SET LOCAL search_path = ${s}`);
    try {
      const role = /pg_index|stranger/.test(sql) ? '' : `SET LOCAL ROLE ${canary.owner};`;
      await client.query(
        role + sql.replaceAll(/\bUSER\b/g, u!).replaceAll(/\bSCHEMA SCHEMA\b/g, `SCHEMA ${s}`),
      );
      await client.query('RESET ROLE');
      const actual = await snapshotSchema(client, canary.schema);
      expect(diffSchemas(expected, actual).map(short).toSorted()).toEqual(differences.toSorted());
      expect(fingerprint(actual)).not.toBe(fingerprint(expected));
    } finally {
      await client.query('ROLLBACK');
    }
  });
});

import fc from 'fast-check';
import pg from 'pg';
import { escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import { diffSchemas, fingerprint, renderDiff, snapshotSchema } from '../../src/drift/index.ts';
import { models, namePairs, randomMutations, sqlOf } from './random.ts';
import type { Model } from './random.ts';
import { build, short } from './schema.ts';

let postgres: TestPostgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new pg.Client(postgres.superuserUrl);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

/** Builds a model under a name in the open transaction. */
async function snapshotOf(model: Model, schema: string) {
  const names = { schema, owner: `${schema} owner`, user: schema };
  await build(client, names, sqlOf(model, names));
  return snapshotSchema(client, schema);
}

describe('random schemas', () => {
  it('have one fingerprint under two names, and another one after any one change, which the difference names', async () => {
    await fc.assert(
      fc.asyncProperty(
        models,
        namePairs,
        fc.nat(),
        fc.constantFrom(...randomMutations),
        async (model, [one, other], table, mutate) => {
          await client.query('BEGIN');
          try {
            const expected = await snapshotOf(model, one);
            const same = await snapshotOf(model, other);
            expect(renderDiff(diffSchemas(expected, same))).toBe('no difference');
            expect(fingerprint(same)).toBe(fingerprint(expected));
            const { sql, differences } = mutate(`t${table % model.tables.length}`);
            await client.query(
              `SET LOCAL ROLE ${escapeIdentifier(`${other} owner`)}; SET LOCAL search_path = ${escapeIdentifier(other)}; ${sql}`,
            );
            const actual = await snapshotSchema(client, other);
            expect(diffSchemas(expected, actual).map(short)).toEqual(differences);
            expect(diffSchemas(actual, expected)).toHaveLength(differences.length);
            expect(fingerprint(actual)).not.toBe(fingerprint(expected));
          } finally {
            await client.query('ROLLBACK');
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

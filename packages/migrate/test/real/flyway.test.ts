import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import { migrate } from '../../src/commands/migrate.ts';
import { validate } from '../../src/commands/validate.ts';
import { diffSchemas, fingerprint, renderDiff, snapshotSchema } from '../../src/drift/index.ts';
import { MigrateError } from '../../src/errors.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { DATA, dataMissing, skipReason } from '../support/files.ts';

interface HistoryRow {
  readonly installed_rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

interface ExpectedSchema {
  readonly migrate: { readonly executed?: number; readonly target?: string; readonly message?: string };
  readonly validate: { readonly ok: boolean; readonly invalid: number };
  readonly relationsInSchema: number;
  readonly relationsInPublic: number;
  readonly history: readonly HistoryRow[];
}

interface Expected {
  readonly props: Readonly<Record<string, string>>;
  readonly schemas: Readonly<Record<string, ExpectedSchema>>;
}

const real = join(DATA, 'real');
const projects = dataMissing ? [] : readdirSync(real).filter((name) => existsSync(join(real, name, 'sql')));
const expectedOf = (name: string) =>
  JSON.parse(readFileSync(join(real, name, 'expected.flyway-11.20.3.json'), 'utf8')) as Expected;

let postgres: TestPostgres;
let superuser: pg.Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  superuser = new pg.Client(postgres.superuserUrl);
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await postgres.stop();
});

/** A database of its own, since some projects reach into `public`. */
async function inDatabase<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  await superuser.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function settingsOf(name: string, schema: string, props: Expected['props']): MigrateSettings {
  const directory = join(real, name, 'sql');
  const locations = (props['locations'] ?? '')
    .split(',')
    .map((location) => `filesystem:${join(directory, location)}`);
  return {
    ...defaultSettings,
    locations,
    schemas: [schema],
    sqlMigrationPrefix: props['sqlMigrationPrefix'] ?? 'V',
    outOfOrder: props['outOfOrder'] === 'true',
    placeholders: name === 'ohdsi-webapi' ? { ohdsiSchema: schema } : {},
  };
}

async function historyOf(client: pg.Client, schema: string): Promise<readonly HistoryRow[]> {
  const { rows } = await client.query<HistoryRow>(
    `SELECT installed_rank, version, description, type, script, checksum, success
     FROM ${pg.escapeIdentifier(schema)}.flyway_schema_history ORDER BY installed_rank`,
  );
  return rows;
}

async function relationsIn(client: pg.Client, schema: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r','v','m','S','i','p','I')`,
    [pg.escapeIdentifier(schema)],
  );
  return rows[0]?.count ?? 0;
}

/** What Flyway's message says of the failure; the rest of it is its own paths. */
function failureIn(message: string): {
  readonly script: string;
  readonly sqlState: string;
  readonly line: number;
} {
  const part = (pattern: RegExp) => pattern.exec(message)?.[1] ?? '';
  return {
    script: part(/Failed to execute script (\S+)/),
    sqlState: part(/SQL State\s+: (\w+)/),
    line: Number(part(/^Line\s+: (\d+)/m)),
  };
}

describe.skipIf(dataMissing)(`real projects end as Flyway left them${skipReason}`, () => {
  it.each(projects)('%s', { timeout: 120_000 }, async (name) => {
    const { props, schemas } = expectedOf(name);
    await inDatabase(name, async (client) => {
      for (const [schema, expected] of Object.entries(schemas)) {
        const settings = settingsOf(name, schema, props);
        const { executed, target, message } = expected.migrate;
        const outcome = await migrate(client, settings).catch((error: unknown) => error);
        if (message === undefined) {
          expect(outcome).toMatchObject({
            success: true,
            migrationsExecuted: executed,
            targetSchemaVersion: target,
          });
        } else {
          const { script, sqlState, line } = failureIn(message);
          expect(outcome).toBeInstanceOf(MigrateError);
          expect(outcome).toMatchObject({ file: script, sqlState });
          // Flyway tells where the statement begins, we where in it the mistake is.
          expect((outcome as MigrateError).line).toBeGreaterThanOrEqual(line);
        }
        expect(await historyOf(client, schema)).toEqual(expected.history);
        expect(await relationsIn(client, schema)).toBe(expected.relationsInSchema);
        const { validationSuccessful, invalidMigrations } = await validate(client, settings);
        expect([validationSuccessful, invalidMigrations.length]).toEqual([
          expected.validate.ok,
          expected.validate.invalid,
        ]);
      }
      const last = Object.values(schemas).at(-1);
      expect(await relationsIn(client, 'public')).toBe(last?.relationsInPublic);
    });
  });

  const twins = projects.filter((name) => {
    const ends = Object.values(expectedOf(name).schemas);
    return ends.length === 2 && ends.every(({ migrate: { executed } }) => executed !== undefined);
  });

  it.each(twins)('two schemas of %s have one structure', { timeout: 120_000 }, async (name) => {
    const { props } = expectedOf(name);
    await inDatabase(`${name} twice`, async (client) => {
      const snapshots = [];
      // An extension would lie in whichever schema came first.
      await client.query(
        'CREATE EXTENSION IF NOT EXISTS pgcrypto; CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
      );
      for (const schema of ['tenant_a', 'other']) {
        await migrate(client, settingsOf(name, schema, props));
        snapshots.push(await snapshotSchema(client, schema));
      }
      const [one, other] = snapshots;
      if (one === undefined || other === undefined) throw new Error('two were taken');
      expect(renderDiff(diffSchemas(one, other))).toBe('no difference');
      expect(fingerprint(one)).toBe(fingerprint(other));
      expect(one.objects.length).toBeGreaterThan(100);
    });
  });
});

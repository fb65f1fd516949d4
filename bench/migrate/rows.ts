import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { info } from '../../packages/migrate/src/commands/info.ts';
import { migrate } from '../../packages/migrate/src/commands/migrate.ts';
import { validate } from '../../packages/migrate/src/commands/validate.ts';
import { fingerprint, snapshotSchema } from '../../packages/migrate/src/drift/index.ts';
import { defaultSettings, type MigrateSettings } from '../../packages/migrate/src/settings.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, type Result, type Row } from '../lib/report.ts';
import { summarize } from '../lib/statistics.ts';
import type { Project } from './project.ts';

const settingsOf = (project: Project, schema: string): MigrateSettings => ({
  ...defaultSettings,
  locations: [`filesystem:${project.directory}`],
  schemas: [schema],
});

/**
 * Rows 1 and 2: a fresh schema by the `migrate` command, everything in it: reading and parsing the files, schema, history,
 * lock, a transaction for each file. The floor has the files in memory and makes one transaction of them. Both use the same
 * connection: two backends that make thousands of objects in turn would each throw away the other's caches.
 */
export async function measureMigrate(
  client: pg.Client,
  project: Project,
  rounds: number,
): Promise<readonly Result[]> {
  const name = 'the 263 files of interventions';
  let count = 0;
  const ms = await interleave(rounds, {
    floor: () => timed(() => inOneTransaction(client, `floor_${String(count++)}`, project.files)),
    product: () =>
      timed(async () => {
        const { migrationsExecuted } = await migrate(
          client,
          settingsOf(project, `product_${String(count++)}`),
        );
        if (migrationsExecuted !== project.files.length) throw new Error('Not every file was applied.');
      }),
  });
  const flyway = ms.product.map(() => project.flywayMs);
  return [
    compared(name, ms.product, 'node-pg', ms.floor, 1.5),
    compared(`${name}, against Flyway's own time`, ms.product, 'Flyway', flyway, 0.1),
  ];
}

async function inOneTransaction(client: pg.Client, schema: string, files: readonly string[]): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  await client.query(`BEGIN; CREATE SCHEMA ${name}; SET LOCAL search_path = ${name}`);
  for (const sql of files) await client.query(sql);
  await client.query('COMMIT');
}

/**
 * Rows 3 to 6: what is asked of a schema that is up to date. Those that look at the files are told beside reading the files
 * and the history, which is the least that any of them must do.
 */
export async function measureUpToDate(
  client: pg.Client,
  project: Project,
  rounds: number,
): Promise<readonly Result[]> {
  const schema = 'up_to_date';
  const settings = settingsOf(project, schema);
  await migrate(client, settings);
  const ms = await interleave(rounds, {
    floor: () => timed(() => readAll(client, project.directory, schema)),
    info: () => timed(() => info(client, settings)),
    validate: () =>
      timed(async () => {
        if (!(await validate(client, settings)).validationSuccessful)
          throw new Error('The schema is not valid.');
      }),
    migrate: () => timed(() => migrate(client, settings)),
    drift: () => timed(async () => fingerprint(await snapshotSchema(client, schema))),
  });
  const beside = (name: string, product: readonly number[]): Row => ({
    ...compared(name, product, 'reading files and history', ms.floor, Infinity),
    hold: null,
  });
  return [
    beside('info of 263 files', ms.info),
    beside('validate of 263 files', ms.validate),
    beside('migrate with nothing to do', ms.migrate),
    {
      name: 'fingerprint of 135 relations',
      product: summarize(ms.drift),
      reference: null,
      ratio: null,
      hold: null,
    },
  ];
}

async function readAll(client: pg.Client, directory: string, schema: string): Promise<void> {
  const files = (await readdir(directory)).map((file) => readFile(join(directory, file)));
  await Promise.all(files);
  await client.query(
    `SELECT * FROM ${pg.escapeIdentifier(schema)}.flyway_schema_history ORDER BY installed_rank`,
  );
}

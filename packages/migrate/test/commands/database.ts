import pg from 'pg';

import { startTestPostgres } from '@tenantry/tenancy/embedded';
import type { TestPostgres } from '@tenantry/tenancy/embedded';

import type { LogLine, LogListener } from '../../src/execute/log.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { directoryOf } from '../support/files.ts';
import type { Files } from '../support/files.ts';

type Command<T> = (client: pg.Client, settings: MigrateSettings, events?: LogListener) => Promise<T>;

/** A private server for one test file; every test takes a schema of its own. */
export interface Database {
  readonly url: string;
  /** A superuser's connection that no command uses. */
  readonly client: pg.Client;
  project(files: Files, settings?: Partial<MigrateSettings>): Promise<Project>;
  stop(): Promise<void>;
}

/** A directory of files, a schema, and the settings that bring them together. */
export interface Project {
  readonly schema: string;
  readonly directory: string;
  readonly settings: MigrateSettings;
  readonly logs: string[];
  /** Runs a command over a connection of its own. */
  run<T>(command: Command<T>, settings?: Partial<MigrateSettings>): Promise<T>;
  /** Rows of the history: rank, version, type, script, success. */
  history(): Promise<readonly string[]>;
  /** First column of a query's rows, with the schema in search_path. */
  query(sql: string): Promise<readonly unknown[]>;
}

let schemas = 0;

export async function startDatabase(): Promise<Database> {
  const server: TestPostgres = await startTestPostgres();
  const client = await connect(server.superuserUrl);
  return {
    url: server.superuserUrl,
    client,
    project: async (files, settings = {}) => projectOf(server.superuserUrl, client, files, settings),
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

async function projectOf(
  url: string,
  superuser: pg.Client,
  files: Files,
  overrides: Partial<MigrateSettings>,
): Promise<Project> {
  const schema = `s${(schemas += 1)}`;
  const directory = await directoryOf(files);
  const settings = {
    ...defaultSettings,
    locations: [`filesystem:${directory}`],
    schemas: [schema],
    ...overrides,
  };
  const logs: string[] = [];
  return {
    schema,
    directory,
    settings,
    logs,
    async run(command, more = {}) {
      const client = await connect(url);
      const log = ({ level, message }: LogLine) => void logs.push(`${level} ${message}`);
      try {
        return await command(client, { ...settings, ...more }, log);
      } finally {
        await client.end();
      }
    },
    async history() {
      const { rows } = await superuser.query<{ row: string }>(
        `SELECT concat_ws(' ', installed_rank, coalesce(version, '-'), type, script, success) AS row FROM ${schema}.${settings.table} ORDER BY installed_rank`,
      );
      return rows.map(({ row }) => row);
    },
    async query(sql) {
      await superuser.query(`SET search_path = ${schema}`);
      const { rows } = await superuser.query<unknown[]>({ text: sql, rowMode: 'array' });
      await superuser.query('RESET search_path');
      return rows.map(([first]) => first);
    },
  };
}

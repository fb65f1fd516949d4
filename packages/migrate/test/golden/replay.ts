import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import pg from 'pg';

import { baseline } from '../../src/commands/baseline.ts';
import { clean } from '../../src/commands/clean.ts';
import { info } from '../../src/commands/info.ts';
import { migrate } from '../../src/commands/migrate.ts';
import { repair } from '../../src/commands/repair.ts';
import { validate } from '../../src/commands/validate.ts';
import { ConfigError } from '../../src/config/error.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { MigrateError } from '../../src/errors.ts';
import type { LogLine } from '../../src/execute/log.ts';
import type { MigrateSettings } from '../../src/settings.ts';

/** One step of a scenario, as it was run on the real engine. */
export interface Step {
  readonly files?: Readonly<Record<string, string | { readonly base64: string } | null>>;
  readonly sql?: string;
  readonly cmd: string;
  readonly props: Readonly<Record<string, string>>;
  readonly result: Result;
  readonly history: readonly unknown[] | null;
  readonly query?: string;
  readonly queryResult?: readonly unknown[];
}

export interface Scenario {
  readonly name: string;
  readonly defaultProps: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export type Result = Readonly<Record<string, unknown>>;

/** What a step came to here, in the scenario's own form. */
export interface Replayed {
  readonly result: Result;
  readonly history: readonly unknown[] | null;
  readonly queryResult?: readonly unknown[];
}

/** Runs the steps of one scenario in a directory and a database of its own. */
export class Replay {
  #scenario: Scenario;
  #root: string;
  #url: string;
  #superuser: pg.Client;

  constructor(scenario: Scenario, root: string, url: string, superuser: pg.Client) {
    this.#scenario = scenario;
    this.#root = root;
    this.#url = url;
    this.#superuser = superuser;
  }

  async step(step: Step): Promise<Replayed> {
    await this.#write(step);
    if (step.sql !== undefined) await this.#superuser.query(step.sql);
    const props = { ...this.#scenario.defaultProps, ...step.props };
    const result = await this.#run(step.cmd, props);
    const history = await this.#history(props);
    if (step.query === undefined) return { result, history };
    const { rows } = await this.#superuser.query<Record<string, unknown>>(step.query);
    return { result, history, queryResult: rows };
  }

  async #write({ files = {} }: Step): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.#root, path);
      if (content === null) {
        await rm(file);
        continue;
      }
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'));
    }
  }

  async #run(cmd: string, props: Readonly<Record<string, string>>): Promise<Result> {
    const logs: string[] = [];
    const log = ({ level, message }: LogLine) => {
      if (level !== 'DEBUG') logs.push(this.#normal(`${level} ${message}`));
    };
    try {
      const flags = Object.entries(props).map(([name, value]) => ({ name, value, written: `-${name}` }));
      const { settings } = await loadConfiguration({ flags, env: {}, directory: this.#root, home: this.#root });
      const client = new pg.Client(this.#url);
      await client.connect();
      try {
        return { ...(await runCommand(cmd, client, settings, log)), logs };
      } finally {
        await client.end();
      }
    } catch (error) {
      if (!(error instanceof MigrateError) && !(error instanceof ConfigError)) throw error;
      return { errorCode: error.flywayCode, message: this.#normal(error.message), logs };
    }
  }

  async #history(props: Readonly<Record<string, string>>): Promise<readonly unknown[] | null> {
    const schema = props['defaultSchema'] ?? props['schemas']?.split(',')[0] ?? 'public';
    const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(props['table'] ?? 'flyway_schema_history')}`;
    const { rows } = await this.#superuser.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
    if (rows[0]?.there !== true) return null;
    const history = await this.#superuser.query<Record<string, unknown>>(
      `SELECT installed_rank, version, description, type, script, checksum, installed_by, success FROM ${table} ORDER BY 1`,
    );
    return history.rows;
  }

  #normal(text: string): string {
    return normalize(text.replaceAll(this.#root, '<root>'));
  }
}

/** What no two runs have in common: times, and links; and the statement, which Flyway keeps to itself. */
export function normalize(text: string): string {
  return text
    .replaceAll(/\(execution time [^)]*\)/g, '(execution time)')
    .replaceAll(/ See https:\S+ for more information\./g, '')
    .replaceAll(/\nSee https:\S+/g, '')
    .replaceAll(/https:\/\/rd\.gt\/\w+/g, '<link>')
    .replaceAll(/\nStatement {2}: [\s\S]*$/g, '\nStatement');
}

async function runCommand(
  cmd: string,
  client: pg.Client,
  settings: MigrateSettings,
  log: (line: LogLine) => void,
): Promise<Result> {
  switch (cmd) {
    case 'info': {
      const { list } = await info(client, settings, log);
      return {
        // The scenarios show a history without a version, such as one with nothing but the SCHEMA marker, as "null".
        current: list.applied().length === 0 ? null : String(list.current?.version ?? null),
        // JSON leaves out what is undefined, as the scenarios do.
        migrations: list.entries.map(({ version, description, type, state, display, rank, checksum, script }) => ({
          version,
          description,
          type,
          state,
          display,
          rank,
          checksum: checksum ?? undefined,
          script,
        })),
      };
    }
    case 'migrate': {
      const { migrationsExecuted, targetSchemaVersion } = await migrate(client, settings, log);
      return { migrationsExecuted, targetSchemaVersion };
    }
    case 'validate': {
      const result = await validate(client, settings, log);
      const invalid = result.invalidMigrations.map(({ version, description, code, message }) => ({
        version: version ?? '',
        description,
        code,
        message,
      }));
      const { validationSuccessful: ok, validateCount: count, errorDetails } = result;
      if (errorDetails === null) return { ok, count, invalid };
      return { ok, count, errorCode: errorDetails.errorCode, error: errorDetails.errorMessage, invalid };
    }
    case 'baseline': {
      const { successfullyBaselined, baselineVersion } = await baseline(client, settings, log);
      return { successfullyBaselined, baselineVersion };
    }
    case 'repair': {
      const result = await repair(client, settings, log);
      return {
        actions: result.repairActions,
        removed: result.migrationsRemoved.length,
        deleted: result.migrationsDeleted.length,
        aligned: result.migrationsAligned.length,
      };
    }
    case 'clean': {
      const { schemasCleaned, schemasDropped } = await clean(client, settings, log);
      return { schemasCleaned, schemasDropped };
    }
    default:
      throw new Error(`unknown command ${cmd}`);
  }
}

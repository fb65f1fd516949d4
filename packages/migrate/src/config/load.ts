import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { defaultSettings } from '../settings.ts';
import type { MigrateSettings } from '../settings.ts';
import { connectionKeys, defaultConnection } from './connection-keys.ts';
import type { ConnectionSettings } from './connection-keys.ts';
import { readEnvironment } from './env-source.ts';
import { ConfigError } from './error.ts';
import type { ConfigProblem } from './error.ts';
import { readFiles } from './files.ts';
import { readFlags } from './flag-source.ts';
import type { Flag } from './flag-source.ts';
import type { Key } from './key.ts';
import { settingKeys } from './keys.ts';
import type { Assignment, Reading } from './reading.ts';
import { joinReadings } from './reading.ts';
import { asText } from './value.ts';

/** Where a configuration is read from. */
export interface ConfigSources {
  readonly flags?: readonly Flag[];
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the current directory. */
  readonly directory?: string;
  /** Default: the home directory of the account. */
  readonly home?: string;
  readonly stdin?: (() => Promise<string>) | undefined;
}

/** Everything that was configured. */
export interface Configuration {
  readonly settings: MigrateSettings;
  readonly connection: ConnectionSettings;
  /** What was read and has no effect; for the log. */
  readonly notes: readonly string[];
  /** Where each key got its value, by the key's name: the last that counted. Keys with their default are absent. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Reads the configuration with Flyway's precedence: flags, then the environment, then the standard input, then files (the
 * later over the earlier), then defaults.
 *
 * Throws ConfigError with everything that is wrong: CONFIG_KEY_UNKNOWN, CONFIG_KEY_UNSUPPORTED, CONFIG_VALUE_INVALID,
 * CONFIG_FILE_MISSING, CONFIG_FILE_INVALID, CONFIG_ENVIRONMENT_UNKNOWN.
 *
 * @example
 * ```ts
 * const { settings } = await loadConfiguration({
 *   flags: [{ name: 'outOfOrder', value: 'true', written: '-outOfOrder' }],
 * });
 * settings.outOfOrder; // true
 * ```
 */
export async function loadConfiguration(sources: ConfigSources = {}): Promise<Configuration> {
  const { env = process.env, directory = process.cwd(), home = homedir() } = sources;
  const flags = readFlags(sources.flags ?? []);
  const variables = readEnvironment(env);
  const early = joinReadings([variables, flags]).assignments;
  const about = valuesOf(connectionKeys, defaultConnection, early).values;
  const workingDirectory = resolve(directory, last(early, 'workingDirectory') ?? '.');
  const files = await readFiles({
    home,
    directories: [directory, workingDirectory],
    named: about.configFiles,
    encoding: about.configFileEncoding,
    env,
    stdin: sources.stdin,
  });
  const all = joinReadings([files, variables, flags]);
  const environment = last(all.assignments, 'environment') ?? defaultSettings.environment;
  const chosen = choose([files, variables, flags], environment);
  const settings = valuesOf(settingKeys, defaultSettings, chosen);
  const connection = valuesOf(connectionKeys, defaultConnection, chosen);
  const problems = [
    ...all.problems,
    ...unknownEnvironment(all, environment),
    ...settings.problems,
    ...connection.problems,
  ];
  if (problems[0]) throw new ConfigError(problems[0], ...problems.slice(1));
  return {
    settings: { ...settings.values, workingDirectory },
    connection: await withPasswordFile(connection.values, directory),
    notes: [...new Set(all.notes)],
    origins: new Map(chosen.map(({ key, place }) => [key.name, `${place.file}: ${place.written}`])),
  };
}

function last(assignments: readonly Assignment[], name: string): string | undefined {
  const value = assignments.findLast(({ key }) => key.name === name)?.value;
  return value === undefined ? undefined : asText(value);
}

/** What counts, the strongest last. In one source, what is said for the environment in use is stronger. */
function choose(readings: readonly Reading[], environment: string): readonly Assignment[] {
  return readings.flatMap(({ assignments }) => [
    ...assignments.filter((assignment) => assignment.environment === undefined),
    ...assignments.filter((assignment) => assignment.environment === environment),
  ]);
}

function unknownEnvironment(all: Reading, environment: string): readonly ConfigProblem[] {
  if (environment === 'default' || all.environments.includes(environment)) return [];
  if (all.assignments.some((assignment) => assignment.environment === environment)) return [];
  // A .conf has no environments; the name is then only the value of a placeholder.
  if (all.environments.length === 0) return [];
  const known = all.environments.map((name) => `[environments.${name}]`).join(', ');
  const message = `There is no [environments.${environment}].`;
  return [{ code: 'CONFIG_ENVIRONMENT_UNKNOWN', message, hint: `There are ${known}.` }];
}

/** The fields of a table of keys: defaults, with what was assigned. */
function valuesOf<T extends object>(
  table: { readonly [F in keyof T]: Key<T[F]> },
  defaults: T,
  assignments: readonly Assignment[],
): { readonly values: T; readonly problems: readonly ConfigProblem[] } {
  const values = { ...defaults };
  const problems: ConfigProblem[] = [];
  for (const field of Object.keys(table) as (keyof T)[]) {
    const own = assignments.filter(({ key }) => key.name === table[field].name);
    if (table[field].type.map === true) {
      values[field] = textsOf(own) as T[keyof T];
      continue;
    }
    for (const assignment of own) {
      const value = table[field].type.read(assignment.value);
      if (value === undefined) problems.push(invalidValue(assignment));
      else values[field] = value;
    }
  }
  return { values, problems };
}

function textsOf(assignments: readonly Assignment[]): Readonly<Record<string, string>> {
  const byName = new Map<string, readonly [string, string]>();
  for (const { below = '', value } of assignments)
    byName.set(below.toLowerCase(), [below, asText(value) ?? value.toString()]);
  return Object.fromEntries(byName.values());
}

function invalidValue({ key, value, place: { file, line, written } }: Assignment): ConfigProblem {
  const shown = key.name === 'password' ? '' : `, not "${value.toString()}"`;
  const message = `${written} must be ${key.type.says}${shown}.`;
  return { code: 'CONFIG_VALUE_INVALID', message, file, line };
}

async function withPasswordFile(
  connection: ConnectionSettings,
  directory: string,
): Promise<ConnectionSettings> {
  if (connection.passwordFile === null) return connection;
  const path = resolve(directory, connection.passwordFile);
  const content = await readFile(path, 'utf8').catch(() => {
    const hint = 'Name a file whose first line is the password.';
    throw new ConfigError({ code: 'CONFIG_FILE_MISSING', message: `${path} cannot be read.`, hint });
  });
  return { ...connection, password: content.split(/\r?\n/, 1)[0]! };
}

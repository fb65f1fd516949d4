import { readFileSync } from 'node:fs';

import { checksumOfText } from '../checksum.ts';
import type { MigrateSettings } from '../settings.ts';
import { decodeScript, detectEncoding } from './encoding.ts';
import { findFiles } from './locations.ts';
import { nameReader } from './names.ts';
import type { ScriptName, ValidName } from './names.ts';
import { callbackOrder, migrationOrder } from './order.ts';
import { baseName, replacePlaceholders } from './placeholders.ts';
import type { PlaceholderContext } from './placeholders.ts';
import { refuseDuplicateCallbacks, refuseDuplicates, refuseMisnamed, refuseScripts } from './refuse.ts';
import type { FoundFile } from './scan.ts';
import { defaultConfig, readScriptConfig } from './script-config.ts';
import type {
  MigrationType,
  Resolution,
  ResolvedCallback,
  ResolvedMigration,
  ScriptConfig,
} from './types.ts';

type Named<N extends ScriptName = ScriptName> = FoundFile & { readonly name: N };
type MigrationName = Exclude<ValidName, { kind: 'callback' }>;
type CallbackName = Extract<ValidName, { kind: 'callback' }>;

interface Sources {
  readonly settings: MigrateSettings;
  readonly context: PlaceholderContext;
  /** The `.conf` files by path. */
  readonly configs: ReadonlyMap<string, FoundFile>;
}

interface Content {
  readonly sql: string;
  readonly config: ScriptConfig;
}

/**
 * Finds and reads every script of the locations, in Flyway's order. Nothing is run, and no database is asked: `context`
 * says what the placeholders of repeatables stand for, whose checksums depend on them.
 *
 * @throws MigrateError MIGRATIONS_MISSING, MIGRATION_NAME_INVALID and MIGRATION_NOT_SQL (with `validateMigrationNaming`),
 * MIGRATION_DUPLICATE_VERSION, MIGRATION_DUPLICATE_REPEATABLE, MIGRATION_DUPLICATE_CALLBACK, MIGRATION_ENCODING,
 * MIGRATION_SCRIPT_CONFIG, MIGRATION_PLACEHOLDER_MISSING
 * @example
 * ```ts
 * const { migrations } = await resolveMigrations(
 *   { ...defaultSettings, locations: ['filesystem:sql'] },
 *   { schema: 'shop', user: 'ada', database: 'app', table: 'flyway_schema_history' },
 * );
 * migrations.map(({ script }) => script);  // ['V1__tables.sql', 'V2__orders.sql', 'R__views.sql']
 * ```
 */
export async function resolveMigrations(
  settings: MigrateSettings,
  context: PlaceholderContext,
): Promise<Resolution> {
  const logs: string[] = [];
  const files = await findFiles(settings.locations, settings, logs);
  const more = await findFiles(settings.callbackLocations, settings, logs);
  const read = nameReader(settings);
  const nameAll = (list: readonly FoundFile[]) =>
    list.map((file): Named => ({ ...file, name: read(baseName(file.script)) }));
  const named = nameAll(files);
  checkNames(named, settings, logs);
  const everywhere = [...new Map([...named, ...nameAll(more)].map((file) => [file.path, file])).values()];
  const callbackFiles = settings.skipDefaultCallbacks ? [] : everywhere.filter(isCallback);
  refuseDuplicateCallbacks(callbackFiles);
  const configs = everywhere.filter(({ path }) => path.endsWith('.conf'));
  const sources = { settings, context, configs: new Map(configs.map((file) => [file.path, file])) };
  const all = named.filter(isMigration).map((file) => readMigration(file, sources));
  const migrations = all.filter(({ kind }) => kind !== 'undo').toSorted(migrationOrder);
  const undo = all.filter(({ kind }) => kind === 'undo').toSorted(migrationOrder);
  refuseDuplicates(migrations);
  refuseDuplicates(undo);
  const callbacks = callbackFiles.map((file) => readCallback(file, sources));
  return { migrations, undo, callbacks: callbacks.toSorted(callbackOrder), logs };
}

function isMigration(file: Named): file is Named<MigrationName> {
  const { kind } = file.name;
  return kind === 'versioned' || kind === 'repeatable' || kind === 'baseline' || kind === 'undo';
}

function isCallback(file: Named): file is Named<CallbackName> {
  return file.name.kind === 'callback';
}

function checkNames(named: readonly Named[], settings: MigrateSettings, logs: string[]): void {
  const misnamed = named.flatMap(({ name, ...file }) =>
    name.kind === 'invalid' ? [{ ...file, reason: name.reason }] : [],
  );
  if (misnamed.length > 0 && settings.validateMigrationNaming) refuseMisnamed(misnamed);
  if (misnamed.length > 0) {
    logs.push(
      `INFO ${misnamed.length} SQL migrations were detected but not run because they did not follow the filename convention.`,
      "INFO Set 'validateMigrationNaming' to true to fail fast and see a list of the invalid file names.",
    );
  }
  const scripts = named.filter(({ name }) => name.kind === 'script');
  if (settings.validateMigrationNaming) refuseScripts(scripts);
  logs.push(
    ...scripts.map(({ script }) => `WARN ${script} is named as a migration, but is no SQL: it is not run.`),
  );
}

function readContent(file: FoundFile, { settings, context, configs }: Sources): Content {
  const conf = configs.get(`${file.path}.conf`);
  // Small files, one after the other: handing each to another thread and back took six times as long.
  const bytes = readFileSync(file.path);
  const { encoding: own, ...config } =
    conf === undefined
      ? defaultConfig(settings)
      : readScriptConfig(
          decodeScript(readFileSync(conf.path), settings.encoding, conf),
          conf,
          settings,
          context,
        );
  const encoding = own ?? (settings.detectEncoding ? detectEncoding(bytes) : settings.encoding);
  return { sql: decodeScript(bytes, encoding, file), config: { ...config, encoding } };
}

const TYPES: Readonly<Record<MigrationName['kind'], MigrationType>> = {
  versioned: 'SQL',
  repeatable: 'SQL',
  baseline: 'SQL_BASELINE',
  undo: 'UNDO_SQL',
};

function readMigration(file: Named<MigrationName>, sources: Sources): ResolvedMigration {
  const { name, script, path } = file;
  const { sql, config } = readContent(file, sources);
  const raw = checksumOfText(sql);
  const repeatable = name.kind === 'repeatable';
  const { settings, context } = sources;
  return {
    kind: name.kind,
    version: repeatable ? null : name.version,
    description: name.description,
    script,
    path,
    type: TYPES[name.kind],
    checksum:
      repeatable && config.placeholderReplacement
        ? checksumOfText(replacePlaceholders(sql, file, settings, context, 'resolve'))
        : raw,
    equivalentChecksum: raw,
    sql,
    config,
  };
}

function readCallback(file: Named<CallbackName>, sources: Sources): ResolvedCallback {
  const { name, script, path } = file;
  const { event, description } = name;
  return { event, description, script, path, ...readContent(file, sources) };
}

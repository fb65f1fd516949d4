import { checksumOfText } from '../checksum.ts';
import { MigrateError } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import { findFiles, type FoundFile } from './locations.ts';
import { prefixesOf, readName, type ScriptName } from './names.ts';
import { replacePlaceholders, type PlaceholderContext } from './placeholders.ts';
import { mapBounded, readText } from './read.ts';
import { defaultConfig, readScriptConfig } from './script-config.ts';
import type { Resolution, ResolvedCallback, ResolvedMigration, ScriptConfig } from './types.ts';

interface Named extends FoundFile {
  readonly name: ScriptName;
}

/**
 * Finds and reads every script of the locations, in Flyway's order.
 *
 * @throws MigrateError MIGRATIONS_MISSING, MIGRATION_NAME_INVALID (with `validateMigrationNaming`),
 * MIGRATION_DUPLICATE_VERSION, MIGRATION_DUPLICATE_REPEATABLE, MIGRATION_DUPLICATE_CALLBACK, MIGRATION_ENCODING,
 * MIGRATION_SCRIPT_CONFIG, MIGRATION_PLACEHOLDER_MISSING (in a repeatable, whose checksum needs its values)
 */
export async function resolveMigrations(
  settings: MigrateSettings,
  context: PlaceholderContext,
): Promise<Resolution> {
  const logs: string[] = [];
  const prefixes = prefixesOf(settings);
  const withName = ({ path, script }: FoundFile): Named => ({
    path,
    script,
    name: readName(script.slice(script.lastIndexOf('/') + 1), settings, prefixes),
  });
  const files = await findFiles(settings.locations, settings, logs);
  const named = files.map(withName);
  refuseNames(named, settings, logs);
  const configs = new Map(
    files.filter(({ path }) => path.endsWith('.conf')).map((file) => [file.path, file]),
  );
  const read = (file: Named) => readScript(file, configs, settings, context);
  const own = named.filter(({ name }) => isMigration(name));
  const elsewhere = (await findFiles(settings.callbackLocations, settings, logs)).map(withName);
  const callbackFiles = settings.skipDefaultCallbacks
    ? []
    : [...new Map([...named, ...elsewhere].map((file) => [file.path, file])).values()].filter(
        ({ name }) => name.kind === 'callback',
      );
  const resolved = (await mapBounded(own, read)).map(toMigration);
  const callbacks = (await mapBounded(callbackFiles, read)).map(toCallback);
  const migrations = resolved.filter(({ kind }) => kind !== 'undo').toSorted(order);
  const undo = resolved.filter(({ kind }) => kind === 'undo').toSorted(order);
  refuseDuplicates(migrations);
  refuseDuplicates(undo);
  refuseDuplicateCallbacks(callbacks);
  return { migrations, undo, callbacks: callbacks.toSorted(callbackOrder), logs };

  function toMigration({ file, text, config }: ReadScript): ResolvedMigration {
    const { name, script, path } = file;
    if (name.kind === 'none' || name.kind === 'invalid' || name.kind === 'callback')
      throw new Error('not a migration');
    const raw = checksumOfText(text);
    const replaced =
      name.kind === 'repeatable' && config.placeholderReplacement
        ? checksumOfText(replacePlaceholders(text, file, settings, context))
        : raw;
    return {
      kind: name.kind,
      version: name.kind === 'repeatable' ? null : name.version,
      description: name.description,
      script,
      path,
      type: name.kind === 'baseline' ? 'SQL_BASELINE' : name.kind === 'undo' ? 'UNDO_SQL' : 'SQL',
      checksum: replaced,
      equivalentChecksum: raw,
      sql: text,
      config,
    };
  }
}

interface ReadScript {
  readonly file: Named;
  readonly text: string;
  readonly config: ScriptConfig;
}

async function readScript(
  file: Named,
  configs: ReadonlyMap<string, FoundFile>,
  settings: MigrateSettings,
  context: PlaceholderContext,
): Promise<ReadScript> {
  const conf = configs.get(`${file.path}.conf`);
  const config =
    conf === undefined
      ? defaultConfig(settings)
      : readScriptConfig(await readText(conf, settings.encoding, false), conf, settings, context);
  return { file, text: await readText(file, config.encoding, settings.detectEncoding), config };
}

function isMigration({ kind }: ScriptName): boolean {
  return kind === 'versioned' || kind === 'repeatable' || kind === 'baseline' || kind === 'undo';
}

function toCallback({ file, text, config }: ReadScript): ResolvedCallback {
  const { name, script, path } = file;
  if (name.kind !== 'callback') throw new Error('not a callback');
  return { event: name.event, description: name.description, script, path, sql: text, config };
}

function refuseNames(named: readonly Named[], settings: MigrateSettings, logs: string[]): void {
  const reasons = named.flatMap(({ name, script }) =>
    name.kind === 'invalid' ? [{ base: script.slice(script.lastIndexOf('/') + 1), reason: name.reason }] : [],
  );
  if (reasons.length === 0) return;
  if (settings.validateMigrationNaming) {
    const lines = reasons.toSorted((a, b) => (a.base < b.base ? -1 : 1)).map(({ reason }) => reason);
    throw new MigrateError(
      'MIGRATION_NAME_INVALID',
      `Invalid SQL filenames found:\r\n${lines.join('\r\n')}`,
      {
        flywayCode: 'ERROR',
        hint: 'Rename them (V2__description.sql, R__description.sql) or move them away.',
      },
    );
  }
  logs.push(
    `INFO ${reasons.length} SQL migrations were detected but not run because they did not follow the filename convention.`,
    "INFO Set 'validateMigrationNaming' to true to fail fast and see a list of the invalid file names.",
  );
}

/** Versions first, a baseline behind the migration of its version; then repeatables as Java sorts strings. */
function order(a: ResolvedMigration, b: ResolvedMigration): number {
  if (a.version !== null && b.version !== null) {
    return (
      compareVersions(a.version, b.version) || Number(a.kind === 'baseline') - Number(b.kind === 'baseline')
    );
  }
  if (a.version !== null || b.version !== null) return a.version !== null ? -1 : 1;
  if (a.description === b.description) return 0;
  return a.description < b.description ? -1 : 1;
}

function refuseDuplicates(ordered: readonly ResolvedMigration[]): void {
  for (const [i, first] of ordered.entries()) {
    const second = ordered[i + 1];
    if (second === undefined || first.kind !== second.kind || order(first, second) !== 0) continue;
    const offenders = `\nOffenders:\n-> ${first.path} (${first.type})\n-> ${second.path} (${second.type})`;
    if (first.version !== null) {
      throw new MigrateError(
        'MIGRATION_DUPLICATE_VERSION',
        `Found more than one migration with version ${first.version}${offenders}`,
        {
          flywayCode: first.kind === 'undo' ? 'DUPLICATE_UNDO_MIGRATION' : 'DUPLICATE_VERSIONED_MIGRATION',
          file: second.script,
          hint: 'Give one of them another version.',
        },
      );
    }
    throw new MigrateError(
      'MIGRATION_DUPLICATE_REPEATABLE',
      `Found more than one repeatable migration with description ${first.description}${offenders}`,
      {
        flywayCode: 'DUPLICATE_REPEATABLE_MIGRATION',
        file: second.script,
        hint: 'Give one of them another description.',
      },
    );
  }
}

function callbackOrder(a: ResolvedCallback, b: ResolvedCallback): number {
  const left = `${a.event}\0${a.description}`;
  const right = `${b.event}\0${b.description}`;
  return left < right ? -1 : Number(left > right);
}

function refuseDuplicateCallbacks(callbacks: readonly ResolvedCallback[]): void {
  const known = new Map<string, ResolvedCallback>();
  for (const callback of callbacks) {
    const name = callback.script.slice(callback.script.lastIndexOf('/') + 1);
    const first = known.get(name);
    known.set(name, callback);
    if (first === undefined) continue;
    throw new MigrateError(
      'MIGRATION_DUPLICATE_CALLBACK',
      `Found more than 1 SQL callback script called ${name} !\nOffenders:\n-> ${first.path}\n-> ${callback.path}`,
      { flywayCode: 'ERROR', file: callback.script, hint: 'Give one of them another description.' },
    );
  }
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { checksumOfText, decode } from './checksum.ts';
import { MigrateError } from './errors.ts';
import { fileNameReader } from './filename.ts';
import type { FileName, NamingOptions } from './filename.ts';
import { refuseNul } from './resolve/encoding.ts';
import { readLocation } from './resolve/location.ts';
import { compareText } from './resolve/order.ts';
import { baseName } from './resolve/placeholders.ts';
import { scan } from './resolve/scan.ts';
import type { FoundFile } from './resolve/scan.ts';
import { compareVersions } from './version.ts';

/** Run once in version order, or again whenever its text changes. */
export type MigrationKind = 'versioned' | 'repeatable';

/** One migration file. */
export interface Migration {
  readonly kind: MigrationKind;
  /** As written in the name, `_` read as `.`; null for a repeatable. */
  readonly version: string | null;
  readonly description: string;
  /** Path relative to its location, `/` between the parts. */
  readonly script: string;
  readonly path: string;
  /** Flyway's checksum of the raw text; for the one a history row carries see `checksumFor`. */
  readonly checksum: number;
  /** The decoded text, placeholders not replaced. */
  readonly sql: string;
  readonly type: 'SQL';
}

/** A file that was seen and is not run, and why. */
export interface IgnoredFile {
  readonly script: string;
  readonly reason: string;
}

/** Every migration of the given locations, in the order in which they are applied. */
export interface MigrationSet {
  readonly locations: readonly string[];
  readonly migrations: readonly Migration[];
  readonly ignored: readonly IgnoredFile[];
  /** SHA-256 in hexadecimal over scripts, checksums and settings: equal sets build equal schemas. */
  readonly fingerprint: string;
  /** The highest version; null where every migration is repeatable. */
  readonly schemaVersion: string | null;
}

export interface LoadOptions extends NamingOptions {
  /** Directories, searched recursively. */
  readonly locations: readonly string[];
  /** Encoding of the files. Default `utf-8`. */
  readonly encoding?: string | undefined;
  /** Refuse files whose names are almost migrations instead of ignoring them. Default true. */
  readonly validateMigrationNaming?: boolean | undefined;
}

type Named = FoundFile & { readonly name: FileName };
type Valid = FoundFile & { readonly name: Extract<FileName, { kind: MigrationKind }> };

/**
 * Reads the migrations of one or more directories.
 *
 * @throws MigrateError MIGRATIONS_MISSING, MIGRATIONS_EMPTY, MIGRATION_NAME_INVALID, MIGRATION_DUPLICATE_VERSION,
 * MIGRATION_DUPLICATE_REPEATABLE, MIGRATION_ENCODING
 * @example
 * ```ts
 * const set = await loadMigrations({ locations: ['migrations'] });
 * set.schemaVersion;  // '12'
 * ```
 */
export async function loadMigrations(options: LoadOptions): Promise<MigrationSet> {
  const read = fileNameReader(options);
  const files: Named[] = [];
  for (const location of options.locations) {
    for (const file of await filesOf(location)) files.push({ ...file, name: read(baseName(file.script)) });
  }
  const ignored = ignoredFiles(files, options.validateMigrationNaming ?? true);
  const valid = files.filter(
    (file): file is Valid => file.name.kind === 'versioned' || file.name.kind === 'repeatable',
  );
  if (valid.length === 0) {
    throw new MigrateError('MIGRATIONS_EMPTY', `no migration in ${options.locations.join(', ')}`, {
      hint: 'Add a file such as V1__create_tables.sql.',
    });
  }
  const ordered = valid.toSorted(applyOrder);
  refuseDuplicates(ordered);
  const migrations = ordered.map((file) => readMigration(file, options.encoding));
  return {
    locations: [...options.locations],
    migrations,
    ignored,
    fingerprint: fingerprint(migrations, options),
    schemaVersion: migrations.findLast((m) => m.kind === 'versioned')?.version ?? null,
  };
}

async function filesOf(text: string): Promise<readonly FoundFile[]> {
  const location = await readLocation(text, process.cwd());
  if (location.obstacle === null) return scan(location);
  const what = location.obstacle === 'not found' ? 'does not exist' : `is ${location.obstacle}`;
  throw new MigrateError('MIGRATIONS_MISSING', `the migration directory ${location.root} ${what}`, {
    hint: 'Name a directory that holds migrations such as V1__create_tables.sql.',
  });
}

function directory(file: FoundFile): string {
  return file.path.slice(0, file.path.length - file.script.length + file.script.lastIndexOf('/') + 1);
}

function ignoredFiles(files: readonly Named[], validateNaming: boolean): readonly IgnoredFile[] {
  const invalid: string[] = [];
  const ignored: IgnoredFile[] = [];
  const migrationDirectories = new Set(
    files.filter(({ name }) => name.kind === 'versioned' || name.kind === 'repeatable').map(directory),
  );
  for (const file of files) {
    const { name } = file;
    if (name.kind === 'other') ignored.push({ script: file.script, reason: name.reason });
    if (file.script.endsWith('.conf'))
      ignored.push({ script: file.script, reason: 'script configuration is not read' });
    if (name.kind !== 'invalid') continue;
    // Scripts without any migration prefix in a directory of their own (`rollback/1.0__drop.sql`) are nobody's slip;
    // the same name next to migrations is one that would silently not be run.
    const stray = !name.attempt && file.script.includes('/') && !migrationDirectories.has(directory(file));
    if (stray)
      ignored.push({
        script: file.script,
        reason: 'not named as a migration, in a directory without migrations',
      });
    else if (validateNaming) invalid.push(name.reason);
    else ignored.push({ script: file.script, reason: name.reason });
  }
  if (invalid.length > 0) {
    throw new MigrateError(
      'MIGRATION_NAME_INVALID',
      `files that are not named as migrations:\n${invalid.join('\n')}`,
      {
        hint: 'Rename them (V2__description.sql, R__description.sql), move them away, or set validateMigrationNaming to false.',
      },
    );
  }
  return ignored;
}

function applyOrder(a: Valid, b: Valid): number {
  if (a.name.kind !== b.name.kind) return a.name.kind === 'versioned' ? -1 : 1;
  if (a.name.kind === 'versioned' && b.name.kind === 'versioned')
    return compareVersions(a.name.version, b.name.version);
  return compareText(a.name.description, b.name.description);
}

function refuseDuplicates(ordered: readonly Valid[]): void {
  for (const [i, file] of ordered.entries()) {
    const next = ordered[i + 1];
    if (next === undefined || applyOrder(file, next) !== 0) continue;
    const offenders = `${file.path}\n${next.path}`;
    if (file.name.kind === 'versioned') {
      throw new MigrateError(
        'MIGRATION_DUPLICATE_VERSION',
        `more than one migration with version ${file.name.version}:\n${offenders}`,
        { file: next.script, hint: 'Give one of them another version.' },
      );
    }
    throw new MigrateError(
      'MIGRATION_DUPLICATE_REPEATABLE',
      `more than one repeatable migration with description "${file.name.description}":\n${offenders}`,
      { file: next.script, hint: 'Give one of them another description.' },
    );
  }
}

function readMigration(file: Valid, encoding: string | undefined): Migration {
  const sql = decodeOrThrow(readFileSync(file.path), encoding, file.script);
  return {
    kind: file.name.kind,
    version: file.name.version,
    description: file.name.description,
    script: file.script,
    path: file.path,
    checksum: checksumOfText(sql),
    sql,
    type: 'SQL',
  };
}

function decodeOrThrow(bytes: Uint8Array, encoding: string | undefined, file: string): string {
  let sql: string;
  try {
    sql = decode(bytes, encoding);
  } catch (cause) {
    throw new MigrateError('MIGRATION_ENCODING', `the file is not valid ${encoding ?? 'UTF-8'}`, {
      file,
      hint: 'Save it as UTF-8, or set the encoding of the migrations.',
      cause,
    });
  }
  refuseNul(sql, file);
  return sql;
}

function fingerprint(migrations: readonly Migration[], options: LoadOptions): string {
  const settings = [options.encoding ?? 'utf-8', options.sqlMigrationPrefix ?? 'V'];
  const rows = migrations.map((m) => [m.kind, m.version, m.script, m.checksum]);
  return createHash('sha256')
    .update(JSON.stringify([settings, rows]))
    .digest('hex');
}

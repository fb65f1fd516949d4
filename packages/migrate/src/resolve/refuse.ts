import { MigrateError } from '../errors.ts';
import { migrationOrder } from './order.ts';
import { baseName } from './placeholders.ts';
import type { FoundFile } from './scan.ts';
import type { ResolvedMigration } from './types.ts';

/** A file that ends like a migration and is none, and Flyway's sentence about it. */
export interface Misnamed extends FoundFile {
  readonly reason: string;
}

/** @throws MigrateError MIGRATION_NAME_INVALID that lists all of them */
export function refuseMisnamed(files: readonly Misnamed[]): never {
  throw new MigrateError(
    'MIGRATION_NAME_INVALID',
    `Invalid SQL filenames found:\r\n${files.map(({ reason }) => reason).join('\r\n')}`,
    { flywayCode: 'ERROR', hint: 'Rename them (V2__description.sql, R__description.sql) or move them away.' },
  );
}

/** @throws MigrateError MIGRATION_NOT_SQL for the first of the files */
export function refuseScripts([first]: readonly FoundFile[]): void {
  if (first === undefined) return;
  throw new MigrateError(
    'MIGRATION_NOT_SQL',
    `${first.script} is named as a migration, but is no SQL: only SQL migrations are run`,
    {
      flywayCode: 'ERROR',
      file: first.script,
      hint: 'Write it as SQL, or move it out of the locations and run it by other means.',
    },
  );
}

/**
 * @param ordered in the order of migrations, so that two of one version are neighbours
 * @throws MigrateError MIGRATION_DUPLICATE_VERSION, MIGRATION_DUPLICATE_REPEATABLE
 */
export function refuseDuplicates(ordered: readonly ResolvedMigration[]): void {
  for (const [i, first] of ordered.entries()) {
    const second = ordered[i + 1];
    if (second !== undefined && first.kind === second.kind && migrationOrder(first, second) === 0) {
      throw duplicate(first, second);
    }
  }
}

function duplicate(first: ResolvedMigration, second: ResolvedMigration): MigrateError {
  const offenders = `Offenders:\n-> ${first.path} (${first.type})\n-> ${second.path} (${second.type})`;
  if (first.version === null) {
    return new MigrateError(
      'MIGRATION_DUPLICATE_REPEATABLE',
      `Found more than one repeatable migration with description ${first.description}\n${offenders}`,
      {
        flywayCode: 'DUPLICATE_REPEATABLE_MIGRATION',
        file: second.script,
        hint: 'Give one of them another description.',
      },
    );
  }
  return new MigrateError(
    'MIGRATION_DUPLICATE_VERSION',
    `Found more than one migration with version ${first.version}\n${offenders}`,
    {
      flywayCode: first.kind === 'undo' ? 'DUPLICATE_UNDO_MIGRATION' : 'DUPLICATE_VERSIONED_MIGRATION',
      file: second.script,
      hint: 'Give one of them another version.',
    },
  );
}

/** Two callbacks of one name in different directories. @throws MigrateError MIGRATION_DUPLICATE_CALLBACK */
export function refuseDuplicateCallbacks(files: readonly FoundFile[]): void {
  const known = new Map<string, FoundFile>();
  for (const file of files) {
    const base = baseName(file.script);
    const name = base.slice(0, base.lastIndexOf('.'));
    const first = known.get(name);
    known.set(name, file);
    if (first === undefined) continue;
    throw new MigrateError(
      'MIGRATION_DUPLICATE_CALLBACK',
      `Found more than 1 SQL callback script called ${name}!\nOffenders:\n-> ${first.path}\n-> ${file.path}`,
      { flywayCode: 'ERROR', file: file.script, hint: 'Give one of them another description.' },
    );
  }
}

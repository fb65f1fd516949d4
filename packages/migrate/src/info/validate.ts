import type { MigrateProblem } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import type { MigrationInfoList } from './list.ts';
import { readPatterns } from './patterns.ts';
import { problemOf } from './problem.ts';

/** What `validate` found. */
export interface Validation {
  readonly ok: boolean;
  /** How many migrations were looked at; 0 where one is invalid, as Flyway counts. */
  readonly count: number;
  readonly invalid: readonly MigrateProblem[];
  /** All messages, for an error that stands for them. */
  readonly message: string;
}

/**
 * Compares files and history. `pendingIgnored` is what `migrate` asks for: it is about to run what is pending.
 *
 * @throws MigrateError MIGRATION_PATTERN_INVALID
 * @example
 * ```ts
 * const { ok, invalid } = validateMigrations(list, settings);
 * invalid[0];  // { version: '2', code: 'CHECKSUM_MISMATCH', message: 'Migration checksum mismatch for …', … }
 * ```
 */
export function validateMigrations(
  list: MigrationInfoList,
  settings: MigrateSettings,
  { pendingIgnored = false }: { readonly pendingIgnored?: boolean } = {},
): Validation {
  const patterns = readPatterns([
    ...settings.ignoreMigrationPatterns,
    ...(pendingIgnored ? ['*:pending'] : []),
  ]);
  const invalid = list.entries.flatMap((entry): MigrateProblem[] => {
    const found = problemOf(entry, list.appliedBaseline, patterns);
    if (found === null) return [];
    const [code, message] = found;
    return [{ version: entry.version, description: entry.description, script: entry.script, code, message }];
  });
  return {
    ok: invalid.length === 0,
    count: invalid.length === 0 ? list.entries.length : 0,
    invalid,
    message: invalid.map(({ message }) => message).join('\n'),
  };
}

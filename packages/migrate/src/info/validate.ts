import { abbreviateDescription } from '../history.ts';
import type { MigrateProblem } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import { checksumMatches, isSynthetic, isUndo } from './facts.ts';
import type { MigrationInfo, MigrationInfoList } from './list.ts';
import { readPatterns, type IgnorePattern } from './patterns.ts';
import { isFailed } from './state.ts';

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
  const invalid = list.entries.flatMap((entry) => {
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

type Found = readonly [code: string, message: string];

function problemOf(
  entry: MigrationInfo,
  baseline: string | null,
  patterns: readonly IgnorePattern[],
): Found | null {
  const { state, version, description, type, resolved, applied } = entry;
  const versioned = version !== null;
  const skipped = ['UNDONE', 'ABOVE_TARGET', 'DELETED', 'SUPERSEDED'].includes(state);
  if (skipped || patterns.some((ignores) => ignores(versioned, state))) return null;
  const pendingIgnored = patterns.some((ignores) => ignores(versioned, 'PENDING'));
  if (isFailed(state)) return failed(entry);
  if (applied !== undefined && resolved === undefined && !isSynthetic(type) && !isUndo(type)) {
    return [
      `APPLIED_${versioned ? 'VERSIONED' : 'REPEATABLE'}_MIGRATION_NOT_RESOLVED`,
      `Detected applied migration not resolved locally: ${version ?? description}.\n` +
        'If you removed this migration intentionally, run repair to mark the migration as deleted.',
    ];
  }
  if (state === 'PENDING' || state === 'IGNORED') return notApplied(entry);
  if (state === 'OUTDATED' && !pendingIgnored) {
    return [
      'OUTDATED_REPEATABLE_MIGRATION',
      `Detected outdated resolved repeatable migration that should be re-applied to database: ${description}.\n` +
        'Run migrate to execute this migration.',
    ];
  }
  return mismatch(entry, baseline);
}

function failed({ version, description }: MigrationInfo): Found {
  const after = '.\nPlease remove any half-completed changes then run repair to fix the schema history.';
  return version === null
    ? ['FAILED_REPEATABLE_MIGRATION', `Detected failed repeatable migration: ${description}${after}`]
    : [
        'FAILED_VERSIONED_MIGRATION',
        `Detected failed migration to version ${version} (${description})${after}`,
      ];
}

function notApplied({ state, version, description, resolved }: MigrationInfo): Found | null {
  // Nobody has to run a baseline over what stands, or a script that says itself that it is not for here.
  if (resolved?.kind === 'baseline' && state === 'IGNORED') return null;
  if (resolved?.config.shouldExecute === false) return null;
  if (version === null) {
    return [
      'RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED',
      `Detected resolved repeatable migration not applied to database: ${description}.\n` +
        "To fix this error, either run migrate, or set -ignoreMigrationPatterns='*:pending'.",
    ];
  }
  const advice =
    state === 'IGNORED'
      ? "To ignore this migration, set -ignoreMigrationPatterns='*:ignored'. To allow executing this migration, set -outOfOrder=true."
      : "To fix this error, either run migrate, or set -ignoreMigrationPatterns='*:pending'.";
  return [
    'RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED',
    `Detected resolved migration not applied to database: ${version}.\n${advice}`,
  ];
}

/** Versioned migrations above the baseline only: what is below it was never compared. */
function mismatch({ version, resolved, applied }: MigrationInfo, baseline: string | null): Found | null {
  if (resolved === undefined || applied === undefined) return null;
  if (version !== null && baseline !== null && compareVersions(version, baseline) <= 0) return null;
  if (version !== null && !checksumMatches(resolved, applied)) {
    return explain('checksum', `version ${version}`, String(applied.checksum), String(resolved.checksum));
  }
  if (abbreviateDescription(resolved.description) !== applied.description) {
    const name = version === null ? applied.script : `version ${version}`;
    return explain('description', name, applied.description, resolved.description);
  }
  return null;
}

function explain(what: 'checksum' | 'description', name: string, applied: string, resolved: string): Found {
  return [
    `${what.toUpperCase()}_MISMATCH`,
    `Migration ${what} mismatch for migration ${name}\n-> Applied to database : ${applied}\n` +
      `-> Resolved locally    : ${resolved}\n` +
      'Either revert the changes to the migration, or run repair to update the schema history.',
  ];
}

import { abbreviateDescription } from '../history.ts';
import { compareVersions } from '../version.ts';
import { checksumMatches } from './facts.ts';
import type { IgnorePattern } from './patterns.ts';
import { isSynthetic, isUndo } from './row-type.ts';
import { isFailed } from './state.ts';
import type { MigrationState } from './state.ts';
import type { MigrationInfo } from './types.ts';

/** Flyway's code and Flyway's sentence. */
export type Problem = readonly [code: string, message: string];

const SKIPPED: ReadonlySet<MigrationState> = new Set(['UNDONE', 'ABOVE_TARGET', 'DELETED', 'SUPERSEDED']);

/**
 * What is wrong with one migration; null where nothing is.
 *
 * @param baseline the history's; what is not above it is not compared
 */
export function problemOf(
  entry: MigrationInfo,
  baseline: string | null,
  patterns: readonly IgnorePattern[],
): Problem | null {
  const { state, version, description, type, resolved, applied } = entry;
  const ignored = (versioned: boolean, which: MigrationState) =>
    patterns.some((ignores) => ignores(versioned, which));
  const versioned = version !== null;
  if (SKIPPED.has(state) || ignored(versioned, state)) return null;
  if (isFailed(state)) return failed(entry);
  if (applied !== undefined && resolved === undefined && !isSynthetic(type) && !isUndo(type)) {
    return [
      `APPLIED_${versioned ? 'VERSIONED' : 'REPEATABLE'}_MIGRATION_NOT_RESOLVED`,
      `Detected applied migration not resolved locally: ${version ?? description}.\n` +
        'If you removed this migration intentionally, run repair to mark the migration as deleted.',
    ];
  }
  if (state === 'PENDING' || state === 'IGNORED') return notApplied(entry);
  // Only who ignores all that is pending ignores what is to run again.
  if (state === 'OUTDATED' && !(ignored(true, 'PENDING') && ignored(false, 'PENDING'))) {
    return [
      'OUTDATED_REPEATABLE_MIGRATION',
      `Detected outdated resolved repeatable migration that should be re-applied to database: ${description}.\n` +
        'Run migrate to execute this migration.',
    ];
  }
  return mismatch(entry, baseline);
}

function failed({ version, description }: MigrationInfo): Problem {
  const after = '.\nPlease remove any half-completed changes then run repair to fix the schema history.';
  return version === null
    ? ['FAILED_REPEATABLE_MIGRATION', `Detected failed repeatable migration: ${description}${after}`]
    : [
        'FAILED_VERSIONED_MIGRATION',
        `Detected failed migration to version ${version} (${description})${after}`,
      ];
}

function notApplied({ state, version, description, resolved }: MigrationInfo): Problem | null {
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

/** What databases that cannot store an empty text wrote. */
const NO_DESCRIPTION = '<< no description >>';

/** The text of a repeatable is what its state says; all else is compared here. */
function mismatch(
  { version, type, resolved, applied }: MigrationInfo,
  baseline: string | null,
): Problem | null {
  if (resolved === undefined || applied === undefined) return null;
  if (version !== null && baseline !== null && compareVersions(version, baseline) <= 0) return null;
  const name = version === null ? applied.script : `version ${version}`;
  if (resolved.type !== type) return differs('type', name, type, resolved.type);
  if (version !== null && !checksumMatches(resolved, applied)) {
    return differs('checksum', name, String(applied.checksum), String(resolved.checksum));
  }
  const description = applied.description === NO_DESCRIPTION ? '' : applied.description;
  if (abbreviateDescription(resolved.description) === description) return null;
  return differs('description', name, applied.description, resolved.description);
}

function differs(
  what: 'type' | 'checksum' | 'description',
  name: string,
  applied: string,
  resolved: string,
): Problem {
  return [
    `${what.toUpperCase()}_MISMATCH`,
    `Migration ${what} mismatch for migration ${name}\n-> Applied to database : ${applied}\n` +
      `-> Resolved locally    : ${resolved}\n` +
      'Either revert the changes to the migration, or run repair to update the schema history.',
  ];
}

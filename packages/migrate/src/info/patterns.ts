import { MigrateError } from '../errors.ts';
import type { MigrationState } from './state.ts';

/** Which states each word of `ignoreMigrationPatterns` stands for. That a migration failed is no way of missing it. */
const STATES: Readonly<Record<string, readonly MigrationState[]>> = {
  missing: ['MISSING_SUCCESS'],
  pending: ['PENDING'],
  ignored: ['IGNORED'],
  future: ['FUTURE_SUCCESS', 'FUTURE_FAILED'],
};

const TYPES = ['*', 'repeatable', 'versioned'];

/** True for a migration that is not to be complained about. */
export type IgnorePattern = (versioned: boolean, state: MigrationState) => boolean;

/**
 * Reads `ignoreMigrationPatterns`.
 *
 * @throws MigrateError MIGRATION_PATTERN_INVALID
 * @example
 * ```ts
 * readPatterns(['*:future', 'repeatable:missing']);
 * ```
 */
export function readPatterns(patterns: readonly string[]): readonly IgnorePattern[] {
  return patterns
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .map(readPattern);
}

function readPattern(pattern: string): IgnorePattern {
  const [type = '', word = '', ...more] = pattern.split(':').map((part) => part.trim().toLowerCase());
  if (word === '' || more.length > 0) {
    throw invalid(
      `Invalid pattern '${pattern}'. Pattern must be of the form <migration_type>:<migration_state>`,
    );
  }
  if (!TYPES.includes(type)) {
    throw invalid(`Invalid migration type '${type}'. Valid types are: [${TYPES.join(', ')}]`);
  }
  const states = Object.hasOwn(STATES, word) ? STATES[word] : undefined;
  if (word !== '*' && states === undefined) {
    const valid = ['*', ...Object.keys(STATES)].join(', ');
    throw invalid(`Invalid migration state '${word}'. Valid states are: [${valid}]`);
  }
  return (versioned, state) =>
    (type === '*' || versioned === (type === 'versioned')) &&
    (states === undefined || states.includes(state));
}

function invalid(message: string): MigrateError {
  return new MigrateError('MIGRATION_PATTERN_INVALID', message, {
    flywayCode: 'ERROR',
    hint: 'Write patterns such as *:future or repeatable:missing in ignoreMigrationPatterns.',
  });
}

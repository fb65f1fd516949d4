import { MigrateError } from '../errors.ts';
import type { MigrationState } from './state.ts';

/** Which states each word of `ignoreMigrationPatterns` stands for. */
const STATES: Readonly<Record<string, readonly MigrationState[]>> = {
  missing: ['MISSING_SUCCESS', 'MISSING_FAILED'],
  pending: ['PENDING'],
  ignored: ['IGNORED'],
  future: ['FUTURE_SUCCESS', 'FUTURE_FAILED'],
};

export type IgnorePattern = (versioned: boolean, state: MigrationState) => boolean;

/**
 * Reads `ignoreMigrationPatterns`, as `*:future` or `repeatable:missing`.
 *
 * @throws MigrateError MIGRATION_PATTERN_INVALID
 */
export function readPatterns(patterns: readonly string[]): readonly IgnorePattern[] {
  return patterns
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .map(readPattern);
}

function readPattern(pattern: string): IgnorePattern {
  const [type = '', word = '', ...more] = pattern
    .toLowerCase()
    .split(':')
    .map((part) => part.trim());
  const states = Object.hasOwn(STATES, word) ? STATES[word] : undefined;
  const known = ['*', 'versioned', 'repeatable'].includes(type) && (word === '*' || states !== undefined);
  if (!known || more.length > 0) {
    throw new MigrateError('MIGRATION_PATTERN_INVALID', `Invalid migration pattern: ${pattern}`, {
      flywayCode: 'ERROR',
      hint: 'Write type:state, with type *, versioned or repeatable and state *, missing, pending, ignored or future.',
    });
  }
  return (versioned, state) =>
    (type === '*' || versioned === (type === 'versioned')) &&
    (states === undefined || states.includes(state));
}

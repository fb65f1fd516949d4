import { prepareSet } from './lint.ts';
import type { Migration, MigrationSet } from './load.ts';
import type { ApplyOptions } from './options.ts';

/** What a migration will be in one schema, found out without a database. */
export interface ForecastFile {
  readonly migration: Migration;
  /** What runs: the file with placeholders replaced. */
  readonly text: string;
  readonly statements: number;
  /** Of those, the ones that PostgreSQL refuses inside a transaction: in an empty schema they follow its commit. */
  readonly deferred: number;
  /** What the history row will say: of a repeatable migration, of the text with values in place. */
  readonly checksum: number;
}

/**
 * What applying a set to one schema would run, file by file.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING, MIGRATION_SYNTAX
 * @example
 * ```ts
 * const [first] = await forecast(set, { schema: 't_abc' });
 * first?.statements;  // 3
 * ```
 */
export async function forecast(set: MigrationSet, options: ApplyOptions): Promise<readonly ForecastFile[]> {
  const { files } = await prepareSet(set, options, null);
  return files.map(({ migration, text, compiled, checksum }) => ({
    migration,
    text,
    statements: compiled.statements.length,
    deferred: compiled.statements.filter(({ fate }) => fate === 'defer').length,
    checksum,
  }));
}

import { MigrateError } from '../errors.ts';
import { describeInvalidIndexes, findInvalidIndexes } from '../execute/invalid-indexes.ts';
import { quoted } from '../execute/session.ts';
import { readState } from '../history/table.ts';
import type { MigrationInfoList } from '../info/list.ts';
import { readPatterns } from '../info/patterns.ts';
import type { Run } from './run.ts';

/** Says so where the schema is ahead of the files. */
export function warnOfFuture({ session, resolution, log }: Run, list: MigrationInfoList): void {
  if (list.future().length === 0) return;
  const schema = quoted(session.schema);
  const current = list.current?.version ?? null;
  const latest = resolution.migrations.findLast(({ version }) => version !== null);
  if (resolution.migrations.length === 0) {
    log.error(
      `Schema ${schema} has version ${current}, but no migration could be resolved in the configured locations !`,
    );
  } else if (latest !== undefined) {
    log.warn(
      `Schema ${schema} has a version (${current}) that is newer than the latest available migration (${latest.version}) !`,
    );
  }
}

/**
 * Refuses to go on behind a migration that failed half-way.
 *
 * @throws MigrateError MIGRATION_HISTORY_FAILED
 */
export function refuseFailed({ session, settings, log }: Run, list: MigrationInfoList): void {
  const failed = list.failed();
  const [first] = failed;
  if (first === undefined) return;
  const schema = quoted(session.schema);
  const { version, description, state, script } = first;
  const patterns = readPatterns(settings.ignoreMigrationPatterns);
  const ignored = patterns.some((ignores) => ignores(version !== null, 'FUTURE_FAILED'));
  if (failed.length === 1 && state === 'FUTURE_FAILED' && ignored) {
    log.warn(`Schema ${schema} contains a failed future migration to version ${version} !`);
    return;
  }
  const what =
    version === null
      ? `contains a failed repeatable migration ("${description}") !`
      : `contains a failed migration to version ${version} !`;
  throw new MigrateError('MIGRATION_HISTORY_FAILED', `Schema ${schema} ${what}`, {
    flywayCode: 'ERROR',
    file: script,
    hint: 'Remove what it left half-done, then run repair.',
  });
}

/** Names INVALID indexes: a build that IF NOT EXISTS skipped may be one that failed before. */
export async function warnOfInvalidIndexes({ session, log }: Run, warnings: string[]): Promise<void> {
  const text = describeInvalidIndexes(await findInvalidIndexes(session));
  if (text === undefined) return;
  log.warn(text);
  warnings.push(text);
}

/** With `createSchemas` switched off, the schema is somebody else's to make. */
export async function warnOfMissingSchema({ session, log }: Run): Promise<void> {
  if ((await readState(session)).schemas.has(session.schema)) return;
  log.warn(
    "The configuration option 'createSchemas' is false.\nHowever, the schema history table still needs a schema to reside in.\nYou must manually create a schema for the schema history table to reside in.",
  );
}

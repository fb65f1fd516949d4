import { formatDuration } from '../execute/log.ts';
import { quoted } from '../execute/session.ts';
import type { AppliedMigration } from '../history/types.ts';
import type { MigrationInfoList } from '../info/list.ts';
import type { MigrationOutput } from './results.ts';
import type { Run } from './run.ts';

/** Says where the schema stands before anything runs. */
export function logCurrent(
  { session, settings, log }: Run,
  list: MigrationInfoList,
  applied: readonly AppliedMigration[],
  warnings: string[],
): void {
  const schema = quoted(session.schema);
  const current = applied.length === 0 ? '<< Empty Schema >>' : String(list.current?.version ?? null);
  log.info(`Current version of schema ${schema}: ${current}`);
  if (!settings.outOfOrder) return;
  const warning = `outOfOrder mode is active. Migration of schema ${schema} may not be reproducible.`;
  log.warn(warning);
  warnings.push(warning);
}

/** Says what was done. */
export function logSummary({ session, log }: Run, migrations: readonly MigrationOutput[]): void {
  const schema = quoted(session.schema);
  if (migrations.length === 0) {
    log.info(`Schema ${schema} is up to date. No migration necessary.`);
    return;
  }
  const count = `${migrations.length} migration${migrations.length === 1 ? '' : 's'}`;
  const version = lastVersion(migrations);
  const now = version === null ? '' : `, now at version v${version}`;
  log.info(
    `Successfully applied ${count} to schema ${schema}${now} (execution time ${formatDuration(totalTime(migrations))})`,
  );
}

/** The version of the last versioned migration that ran. */
export function lastVersion(migrations: readonly MigrationOutput[]): string | null {
  return migrations.findLast(({ version }) => version !== '')?.version ?? null;
}

/** Milliseconds in scripts. */
export function totalTime(migrations: readonly MigrationOutput[]): number {
  return migrations.reduce((sum, { executionTime }) => sum + executionTime, 0);
}

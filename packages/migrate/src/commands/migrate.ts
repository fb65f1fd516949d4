import type { Client } from 'pg';

import { MigrateError } from '../errors.ts';
import type { Plan } from '../execute/apply.ts';
import { describeInvalidIndexes, findInvalidIndexes } from '../execute/invalid-indexes.ts';
import { formatDuration } from '../execute/log.ts';
import type { LogListener } from '../execute/log.ts';
import { quoted } from '../execute/session.ts';
import { waitForLock } from '../execute/session-lock.ts';
import { isTransactional } from '../execute/step.ts';
import type { Step } from '../execute/step.ts';
import { readHistory, readState } from '../history/table.ts';
import type { AppliedMigration } from '../history/types.ts';
import { describeMigrations } from '../info/list.ts';
import type { MigrationInfo, MigrationInfoList } from '../info/list.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import { refuseFailed, warnOfFuture } from './obstacles.ts';
import { createHistory, createSchemas } from './prepare-history.ts';
import type { MigrateResult, MigrationOutput } from './results.ts';
import { withRun } from './run.ts';
import type { Run } from './run.ts';
import { migrateStep, runPlan } from './steps.ts';
import { refusal, validateRun } from './validation.ts';

/**
 * Brings a schema to its target: every pending migration in order, each with its history row in one transaction.
 *
 * `client` is connected and nobody else's; it is left with the role and search_path that it came with.
 *
 * @throws MigrateError MIGRATION_VALIDATION, MIGRATION_SCHEMA_NOT_EMPTY, MIGRATION_TARGET_MISSING, MIGRATION_LOCKED before
 * anything ran; MIGRATION_FAILED, MIGRATION_LOCK_TIMEOUT, MIGRATION_MIXED, MIGRATION_CALLBACK_FAILED,
 * MIGRATION_NOT_CONTAINED with file, line, statement and SQLSTATE. Migrations before the one that failed stay applied.
 * @example
 * ```ts
 * const client = new pg.Client(url);
 * await client.connect();
 * const { migrationsExecuted, targetSchemaVersion } = await migrate(client, {
 *   ...defaultSettings,
 *   locations: ['filesystem:sql'],
 *   schemas: ['shop'],
 * });
 * // 3 '2.1'
 * ```
 */
export async function migrate(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<MigrateResult> {
  return withRun(client, settings, events, async (run) => {
    const { callbacks } = run;
    const warnings: string[] = [];
    if (settings.validateOnMigrate) {
      const { validation } = await validateRun(run, true);
      if (!validation.ok) throw refusal(validation);
    }
    if (settings.createSchemas) await createSchemas(run, false);
    else await warnOfMissingSchema(run);
    await createHistory(run);
    await callbacks.run('beforeMigrate');
    try {
      const progress = await migrateAll(run, warnings);
      if (progress.migrations.length > 0) await callbacks.run('afterMigrateApplied');
      await callbacks.run('afterMigrate');
      return resultOf(run, progress, warnings);
    } catch (error) {
      const isCallback = error instanceof MigrateError && error.code === 'MIGRATION_CALLBACK_FAILED';
      if (!isCallback) await callbacks.runError('afterMigrateError', error);
      throw error;
    }
  });
}

/** What a run has done so far. */
interface Progress {
  readonly initialSchemaVersion: string | null;
  readonly migrations: MigrationOutput[];
}

async function migrateAll(run: Run, warnings: string[]): Promise<Progress> {
  const { session, settings, callbacks, log } = run;
  let progress: Progress | null = null;
  const seen = new Set<ResolvedMigration>();
  let versionedFired = false;
  let waited = false;
  let outside = false;
  for (;;) {
    const applied = await readHistory(session);
    const list = describeMigrations({ resolved: run.resolution, applied, settings });
    if (progress === null) {
      logCurrent(run, list, applied, warnings);
      progress = { initialSchemaVersion: list.current?.version ?? null, migrations: [] };
    }
    warnOfFuture(run, list);
    if (list.failed().length > 0 && !waited) {
      // The script of another process counts as failed until it is done.
      await waitForLock(session);
      waited = true;
      continue;
    }
    refuseFailed(run, list);
    const pending = wanted(list, settings, seen, progress.migrations.length);
    if (pending.length === 0) break;
    const plan = planOf(
      run,
      list,
      pending,
      async () => {
        versionedFired = true;
        await callbacks.run('afterVersioned');
        await callbacks.run('beforeRepeatables');
      },
      versionedFired,
    );
    const { migrations } = progress;
    const ending = await runPlan(
      run,
      plan,
      applied.at(-1)?.installedRank ?? null,
      'Migrate',
      (step, rank, time) => {
        outside ||= !isTransactional(step);
        const info = plan.infoOf(step);
        if (info?.resolved !== undefined) seen.add(info.resolved);
        migrations.push(outputOf(step, info, time));
        log.debug(`${step.label} is row ${rank} of ${session.table}`);
      },
    );
    if (ending === 'done') break;
    if (ending === 'busy') await waitForLock(session);
    waited = false;
  }
  if (!versionedFired) await callbacks.run('afterVersioned');
  if (outside) await warnOfInvalidIndexes(run, warnings);
  logSummary(run, progress.migrations);
  return progress;
}

/** With the target `next` a run is one migration. */
function wanted(
  list: MigrationInfoList,
  settings: MigrateSettings,
  seen: ReadonlySet<ResolvedMigration>,
  executed: number,
): readonly MigrationInfo[] {
  const pending = list.pending().filter(({ resolved }) => resolved !== undefined && !seen.has(resolved));
  if (settings.target.trim().toLowerCase() !== 'next') return pending;
  return executed > 0 ? [] : pending.slice(0, 1);
}

/** A plan that knows what its steps were made of. */
interface MigratePlan extends Plan {
  infoOf(step: Step): MigrationInfo | undefined;
}

function planOf(
  run: Run,
  list: MigrationInfoList,
  pending: readonly MigrationInfo[],
  pause: () => Promise<void>,
  paused: boolean,
): MigratePlan {
  const around = run.callbacks.around('Migrate');
  const steps = new Map<number, Step>();
  const infos = new Map<Step, MigrationInfo>();
  let highest = list.current?.version ?? null;
  const repeatables = pending.findIndex(({ version }) => version === null);
  const events = run.callbacks.has('afterVersioned') || run.callbacks.has('beforeRepeatables');
  return {
    length: pending.length,
    pauseBefore: repeatables >= 0 && events && !paused ? repeatables : null,
    pause,
    infoOf: (step) => infos.get(step),
    at(index) {
      const known = steps.get(index);
      if (known !== undefined) return known;
      const info = pending[index];
      const resolved = info?.resolved;
      if (info === undefined || resolved === undefined) throw new RangeError(`no pending migration ${index}`);
      const { version } = resolved;
      const outOfOrder = version !== null && highest !== null && compareVersions(version, highest) < 0;
      if (version !== null && !outOfOrder) highest = version;
      const step = migrateStep(run, resolved, outOfOrder, around);
      steps.set(index, step);
      infos.set(step, info);
      return step;
    },
  };
}

function outputOf(step: Step, info: MigrationInfo | undefined, executionTime: number): MigrationOutput {
  const { version, description, type } = step.row;
  return {
    category: info?.category ?? (version === null ? 'Repeatable' : 'Versioned'),
    version: version ?? '',
    description,
    type,
    filepath: info?.resolved?.path ?? '',
    executionTime,
  };
}

function logCurrent(
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

function logSummary({ session, log }: Run, migrations: readonly MigrationOutput[]): void {
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

function lastVersion(migrations: readonly MigrationOutput[]): string | null {
  return migrations.findLast(({ version }) => version !== '')?.version ?? null;
}

function totalTime(migrations: readonly MigrationOutput[]): number {
  return migrations.reduce((sum, { executionTime }) => sum + executionTime, 0);
}

/** A build that IF NOT EXISTS skipped may be one that failed before. */
async function warnOfInvalidIndexes({ session, log }: Run, warnings: string[]): Promise<void> {
  const text = describeInvalidIndexes(await findInvalidIndexes(session));
  if (text === undefined) return;
  log.warn(text);
  warnings.push(text);
}

async function warnOfMissingSchema({ session, log }: Run): Promise<void> {
  if ((await readState(session)).schemas.has(session.schema)) return;
  log.warn(
    "The configuration option 'createSchemas' is false.\nHowever, the schema history table still needs a schema to reside in.\nYou must manually create a schema for the schema history table to reside in.",
  );
}

function resultOf({ session }: Run, progress: Progress, warnings: readonly string[]): MigrateResult {
  const { migrations, initialSchemaVersion } = progress;
  return {
    operation: 'migrate',
    success: true,
    database: session.database,
    warnings,
    schemaName: session.schema,
    initialSchemaVersion,
    targetSchemaVersion: lastVersion(migrations),
    migrations,
    migrationsExecuted: migrations.length,
    totalMigrationTime: totalTime(migrations),
  };
}

import type { Client } from 'pg';

import { MigrateError } from '../errors.ts';
import type { LogListener } from '../execute/log.ts';
import { waitForLock } from '../execute/session-lock.ts';
import type { Step } from '../execute/step.ts';
import { readHistory } from '../history/table.ts';
import { describeMigrations } from '../info/list.ts';
import type { MigrationInfo } from '../info/list.ts';
import type { MigrateSettings } from '../settings.ts';
import { lastVersion, logCurrent, logSummary, totalTime } from './migrate-log.ts';
import { planMigrate } from './migrate-plan.ts';
import type { RunState } from './migrate-plan.ts';
import { refuseFailed, warnOfFuture, warnOfInvalidIndexes, warnOfMissingSchema } from './obstacles.ts';
import { createHistory, createSchemas } from './prepare-history.ts';
import type { MigrateResult, MigrationOutput } from './results.ts';
import { withRun } from './run.ts';
import type { Run } from './run.ts';
import { runPlan } from './steps.ts';
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
  const { session, callbacks } = run;
  const migrations: MigrationOutput[] = [];
  const state: RunState = { done: new Set(), versionedFired: false, outside: false };
  let initialSchemaVersion: string | null | undefined;
  let waited = false;
  for (;;) {
    const applied = await readHistory(session);
    const list = describeMigrations({ resolved: run.resolution, applied, settings: run.settings });
    if (initialSchemaVersion === undefined) {
      initialSchemaVersion = list.current?.version ?? null;
      logCurrent(run, list, applied, warnings);
      warnOfFuture(run, list);
    }
    if (list.failed().length > 0 && !waited) {
      // The script of another process counts as failed until it is done.
      await waitForLock(session);
      waited = true;
      continue;
    }
    refuseFailed(run, list);
    const plan = planMigrate(run, list, state);
    if (plan.length === 0) break;
    const last = applied.at(-1)?.installedRank ?? null;
    const ending = await runPlan(run, plan, last, 'Migrate', (step, _rank, time) => {
      migrations.push(outputOf(step, plan.finished(step), time));
    });
    if (ending === 'done') break;
    if (ending === 'busy') await waitForLock(session);
    waited = false;
  }
  if (!state.versionedFired) await callbacks.run('afterVersioned');
  if (state.outside) await warnOfInvalidIndexes(run, warnings);
  logSummary(run, migrations);
  return { initialSchemaVersion, migrations };
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

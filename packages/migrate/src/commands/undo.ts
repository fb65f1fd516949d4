import type { Client } from 'pg';

import { MigrateError } from '../errors.ts';
import type { Plan } from '../execute/apply.ts';
import { formatDuration } from '../execute/log.ts';
import type { LogListener } from '../execute/log.ts';
import { quoted } from '../execute/session.ts';
import { waitForLock } from '../execute/session-lock.ts';
import type { Around, Step } from '../execute/step.ts';
import { readState } from '../history/table.ts';
import type { AppliedMigration } from '../history/types.ts';
import { describeMigrations } from '../info/list.ts';
import type { MigrationInfoList } from '../info/list.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { refuseFailed } from './obstacles.ts';
import type { MigrationOutput, UndoResult } from './results.ts';
import { withRun } from './run.ts';
import type { Run } from './run.ts';
import { runPlan, scriptOf } from './steps.ts';
import { undoTargets } from './undo-targets.ts';
import type { Undoable } from './undo-targets.ts';
import { historyOf } from './validation.ts';

/**
 * Takes back the latest versioned migration with its undo file; with a target all down to it, that one too, in the reverse
 * of the order in which they were applied. The script and its marker in the history are one transaction.
 *
 * @throws MigrateError MIGRATION_UNDO_MISSING where there is no undo file, MIGRATION_TARGET_MISSING, MIGRATION_FAILED …
 * @example
 * ```ts
 * const { undoneMigrations } = await undo(client, { ...defaultSettings, schemas: ['shop'], target: '7' });
 * ```
 */
export async function undo(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<UndoResult> {
  return withRun(client, settings, events, async (run) => {
    const { callbacks } = run;
    await callbacks.run('beforeUndo');
    try {
      const result = await undoAll(run);
      await callbacks.run('afterUndo');
      return result;
    } catch (error) {
      const isCallback = error instanceof MigrateError && error.code === 'MIGRATION_CALLBACK_FAILED';
      if (!isCallback) await callbacks.runError('afterUndoError', error);
      throw error;
    }
  });
}

async function undoAll(run: Run): Promise<UndoResult> {
  const { session } = run;
  const undone: MigrationOutput[] = [];
  let initial: string | null | undefined;
  for (;;) {
    const { list, applied } = await look(run);
    refuseFailed(run, list);
    initial ??= list.current?.version ?? null;
    const targets = undoTargets(run, list, undone.length);
    if (targets.length === 0) return finish(run, list, initial, undone);
    const plan = planOf(run, targets);
    const ending = await runPlan(
      run,
      plan,
      applied.at(-1)?.installedRank ?? null,
      'Undo',
      (step, _rank, time) => {
        undone.push(outputOf(step, targets, time));
      },
    );
    if (ending === 'busy') await waitForLock(session);
    if (ending === 'done') return finish(run, (await look(run)).list, initial, undone);
  }
}

async function look(run: Run): Promise<{ list: MigrationInfoList; applied: readonly AppliedMigration[] }> {
  const applied = await historyOf(run, await readState(run.session));
  const settings = { ...run.settings, target: 'latest' };
  return { list: describeMigrations({ resolved: run.resolution, applied, settings }), applied };
}

function planOf(run: Run, targets: readonly Undoable[]): Plan {
  const around = run.callbacks.around('Undo');
  const steps = targets.map(({ row, file }) => undoStep(run, row, file, around));
  return {
    length: steps.length,
    pauseBefore: null,
    pause: () => Promise.resolve(),
    pauseScripts: () => [],
    at(index) {
      const step = steps[index];
      if (step === undefined) throw new RangeError(`nothing to undo at ${index}`);
      return step;
    },
  };
}

function undoStep(run: Run, row: AppliedMigration, file: ResolvedMigration, around: Around): Step {
  const { settings, session } = run;
  const script = scriptOf(run, file);
  const name = `${row.version}${row.description === '' ? '' : ` - ${row.description}`}`;
  const label = `schema ${quoted(session.schema)} to version ${name}${script.transactional ? '' : ' [non-transactional]'}`;
  // Flyway's open-source edition stops at UNDO_SQL rows; a DELETE marker it reads.
  const marker =
    settings.undoRecord === 'undo-sql'
      ? { description: file.description, type: 'UNDO_SQL', script: file.script, checksum: file.checksum }
      : { description: row.description, type: 'DELETE', script: row.script, checksum: row.checksum };
  return {
    row: { version: row.version, ...marker },
    script,
    label,
    announcement: `Undoing migration of ${label}`,
    around,
  };
}

function outputOf(step: Step, targets: readonly Undoable[], executionTime: number): MigrationOutput {
  const target = targets.find(({ row }) => row.version === step.row.version);
  return {
    category: 'Undo',
    version: step.row.version ?? '',
    description: target?.file.description ?? step.row.description,
    type: 'UNDO_SQL',
    filepath: target?.file.path ?? '',
    executionTime,
  };
}

function finish(
  { session, log }: Run,
  list: MigrationInfoList,
  initial: string | null,
  undone: readonly MigrationOutput[],
): UndoResult {
  const schema = quoted(session.schema);
  const time = formatDuration(undone.reduce((sum, { executionTime }) => sum + executionTime, 0));
  if (undone.length === 0) log.info(`Schema ${schema} has nothing to undo.`);
  else {
    const count = `${undone.length} migration${undone.length === 1 ? '' : 's'}`;
    log.info(`Successfully undid ${count} to schema ${schema} (execution time ${time})`);
  }
  return {
    operation: 'undo',
    success: true,
    database: session.database,
    warnings: [],
    schemaName: session.schema,
    initialSchemaVersion: initial,
    targetSchemaVersion: list.current?.version ?? null,
    undoneMigrations: undone,
    migrationsUndone: undone.length,
  };
}

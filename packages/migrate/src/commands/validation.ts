import { MigrateError } from '../errors.ts';
import { formatDuration } from '../execute/log.ts';
import { quoted } from '../execute/session.ts';
import { waitForLock } from '../execute/session-lock.ts';
import { readHistory, readState } from '../history/table.ts';
import type { HistoryState } from '../history/table.ts';
import type { AppliedMigration } from '../history/types.ts';
import { describeMigrations } from '../info/list.ts';
import { validateMigrations } from '../info/validate.ts';
import type { Validation } from '../info/validate.ts';
import type { Run } from './run.ts';

/** What a look at files and history came to. */
export interface Outcome {
  readonly validation: Validation;
  readonly warnings: readonly string[];
}

/** The rows of the history; none, and a line that says so, where there is no table. */
export async function historyOf(run: Run, state: HistoryState): Promise<readonly AppliedMigration[]> {
  if (state.tableExists) return readHistory(run.session);
  run.log.info(`Schema history table ${run.session.table} does not exist yet`);
  return [];
}

/**
 * Validates as Flyway does: not at all while the schema does not exist. `pendingIgnored` is what `migrate` asks for, which
 * also does not take a migration for failed that another process is still running.
 */
export async function validateRun(run: Run, pendingIgnored: boolean): Promise<Outcome> {
  const { session, settings, resolution, callbacks, log } = run;
  const state = await readState(session);
  if (!state.schemas.has(session.schema))
    return { validation: withoutSchema(run, pendingIgnored), warnings: [] };
  await callbacks.run('beforeValidate');
  const began = performance.now();
  const look = async () => {
    const applied = await historyOf(run, await readState(session));
    const list = describeMigrations({ resolved: resolution, applied, settings });
    return validateMigrations(list, settings, { pendingIgnored });
  };
  let validation = await look();
  if (pendingIgnored && validation.invalid.some(({ code }) => code.startsWith('FAILED_'))) {
    // A script outside a transaction counts as failed until it is done: that of a running process is waited for.
    await waitForLock(session);
    validation = await look();
  }
  if (!validation.ok) {
    await callbacks.runError('afterValidateError', null);
    return { validation, warnings: [] };
  }
  const { count } = validation;
  const time = formatDuration(performance.now() - began);
  log.info(`Successfully validated ${count} migration${count === 1 ? '' : 's'} (execution time ${time})`);
  const warnings = count === 0 ? ['No migrations found. Are your locations set up correctly?'] : [];
  for (const warning of warnings) log.warn(warning);
  await callbacks.run('afterValidate');
  return { validation, warnings };
}

function withoutSchema({ session, resolution, settings }: Run, pendingIgnored: boolean): Validation {
  const ignored =
    pendingIgnored ||
    settings.ignoreMigrationPatterns.some((pattern) => /^\*:(?:\*|pending)$/i.test(pattern.trim()));
  if (ignored || resolution.migrations.length === 0) return { ok: true, count: 0, invalid: [], message: '' };
  return { ok: false, count: 0, invalid: [], message: `Schema ${quoted(session.schema)} doesn't exist yet` };
}

/**
 * The error of a command that refuses to go on.
 */
export function refusal({ invalid, message }: Validation): MigrateError {
  return new MigrateError(
    'MIGRATION_VALIDATION',
    `Validate failed: Migrations have failed validation\n${message}\nNeed more flexibility with validation rules? Learn more: https://rd.gt/3AbJUZE`,
    {
      flywayCode: 'VALIDATE_ERROR',
      problems: invalid,
      hint: 'See which with info; put the files right, or run repair where the history is to follow them.',
    },
  );
}

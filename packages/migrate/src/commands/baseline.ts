import type { Client } from 'pg';

import type { LogListener } from '../execute/log.ts';
import type { MigrateSettings } from '../settings.ts';
import { doBaseline } from './baseline-row.ts';
import { underLock } from './own-statements.ts';
import { createSchemas } from './prepare-history.ts';
import type { BaselineResult } from './results.ts';
import { withRun } from './run.ts';

/**
 * Begins the history of a schema that was made another way: migrations up to `baselineVersion` count as done.
 *
 * @throws MigrateError MIGRATION_BASELINE_REFUSED where there is a history already, MIGRATION_LOCKED
 * @example
 * ```ts
 * await baseline(client, { ...defaultSettings, schemas: ['shop'], baselineVersion: '7' });
 * ```
 */
export async function baseline(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<BaselineResult> {
  return withRun(client, settings, events, async (run) => {
    if (settings.createSchemas) await createSchemas(run, true);
    await underLock(run.session, () => doBaseline(run));
    return {
      operation: 'baseline',
      success: true,
      database: run.session.database,
      warnings: [],
      successfullyBaselined: true,
      baselineVersion: settings.baselineVersion,
    };
  });
}

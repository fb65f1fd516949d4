import type { Client } from 'pg';

import type { LogListener } from '../execute/log.ts';
import { readState } from '../history/table.ts';
import { describeMigrations } from '../info/list.ts';
import type { MigrationInfoList } from '../info/list.ts';
import type { MigrateSettings } from '../settings.ts';
import { nonEmptySchemas } from './emptiness.ts';
import { withRun } from './run.ts';
import { historyOf } from './validation.ts';

/** Every migration with its state; `toTable` and `toJson` show it as Flyway does. */
export interface InfoResult {
  readonly list: MigrationInfoList;
  readonly schemaName: string;
  readonly database: string;
  /** None of the schemas holds anything. */
  readonly allSchemasEmpty: boolean;
}

/**
 * Says of every migration whether it is applied, pending or something else. Changes nothing.
 *
 * @throws MigrateError MIGRATION_TARGET_MISSING, and what resolving the files throws
 * @example
 * ```ts
 * const { list } = await info(client, { ...defaultSettings, schemas: ['shop'] });
 * list.pending().map(({ script }) => script);  // ['V3__orders.sql']
 * ```
 */
export async function info(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<InfoResult> {
  return withRun(client, settings, events, async (run) => {
    const { session, callbacks, resolution } = run;
    await callbacks.run('beforeInfo');
    try {
      const applied = await historyOf(run, await readState(session));
      const result = {
        list: describeMigrations({ resolved: resolution, applied, settings }),
        schemaName: session.schema,
        database: session.database,
        allSchemasEmpty: (await nonEmptySchemas(session)).length === 0,
      };
      await callbacks.run('afterInfo');
      return result;
    } catch (error) {
      await callbacks.runError('afterInfoError', error);
      throw error;
    }
  });
}

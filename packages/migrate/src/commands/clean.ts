import type { Client } from 'pg';

import { MigrateError } from '../errors.ts';
import { formatDuration } from '../execute/log.ts';
import type { LogListener } from '../execute/log.ts';
import { quoted } from '../execute/session.ts';
import { readHistory, readState } from '../history/table.ts';
import type { MigrateSettings } from '../settings.ts';
import { dropStatements } from './clean-objects.ts';
import { inTransaction, underLock } from './own-statements.ts';
import type { CleanResult } from './results.ts';
import { withRun } from './run.ts';
import type { Run } from './run.ts';

interface Cleaned {
  readonly cleaned: readonly string[];
  readonly dropped: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Drops everything in the schemas, and the schemas themselves where a SCHEMA marker says that a migration tool made them.
 * All in one transaction: a schema is emptied or left as it was.
 *
 * @throws MigrateError MIGRATION_CLEAN_DISABLED unless `cleanDisabled` is false, MIGRATION_FAILED, MIGRATION_LOCKED
 * @example
 * ```ts
 * await clean(client, { ...defaultSettings, schemas: ['shop_test'], cleanDisabled: false });
 * ```
 */
export async function clean(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<CleanResult> {
  if (settings.cleanDisabled) {
    throw new MigrateError(
      'MIGRATION_CLEAN_DISABLED',
      "Unable to execute clean as it has been disabled with the 'flyway.cleanDisabled' property.",
      { flywayCode: 'ERROR', hint: 'Set cleanDisabled=false where all data may be lost.' },
    );
  }
  return withRun(client, settings, events, async (run) => {
    const { callbacks, session } = run;
    await callbacks.run('beforeClean');
    let result: Cleaned;
    try {
      result = await underLock(session, () => cleanSchemas(run));
    } catch (error) {
      await callbacks.runError('afterCleanError', error);
      throw error;
    }
    await callbacks.run('afterClean');
    return {
      operation: 'clean',
      success: true,
      database: session.database,
      warnings: result.warnings,
      schemasCleaned: result.cleaned,
      schemasDropped: result.dropped,
    };
  });
}

async function cleanSchemas(run: Run): Promise<Cleaned> {
  const { session, log } = run;
  const state = await readState(session);
  const made = state.tableExists ? await createdSchemas(run) : new Set<string>();
  const warnings = session.schemas
    .filter((schema) => !state.schemas.has(schema))
    .map((schema) => `Unable to clean unknown schema: ${quoted(schema)}`);
  for (const warning of warnings) log.warn(warning);
  const existing = session.schemas.filter((schema) => state.schemas.has(schema));
  const dropped = existing.filter((schema) => made.has(schema));
  const cleaned = existing.filter((schema) => !made.has(schema));
  const began = performance.now();
  await inTransaction(run, [
    ...(await dropStatements(session, existing)),
    ...dropped.map((schema) => `DROP SCHEMA ${quoted(schema)} CASCADE`),
  ]);
  const time = formatDuration(performance.now() - began);
  for (const schema of existing)
    log.info(`Successfully cleaned schema ${quoted(schema)} (execution time ${time})`);
  for (const schema of dropped)
    log.info(`Successfully dropped schema ${quoted(schema)} (execution time ${time})`);
  return { cleaned, dropped, warnings };
}

/** The schemas that the SCHEMA marker names, in quotes and with commas between them. */
async function createdSchemas({ session }: Run): Promise<ReadonlySet<string>> {
  const markers = (await readHistory(session)).filter(({ type }) => type === 'SCHEMA');
  const list = markers.map(({ script }) => script).join(',');
  return new Set(
    Array.from(list.matchAll(/"((?:[^"]|"")*)"/g), ([, name]) => (name ?? '').replaceAll('""', '"')),
  );
}

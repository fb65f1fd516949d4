import { MigrateError } from '../errors.ts';
import { createTable, readHistory, readState } from '../history/table.ts';
import { isSynthetic } from '../info/facts.ts';
import { compareVersions } from '../version.ts';
import { baselineRow, inTransaction } from './own-statements.ts';
import type { Run } from './run.ts';

const LEARN_MORE = 'Need to reset your baseline? Learn more: https://rd.gt/3CdwkXD';

/**
 * Makes the history with the row of a baseline. A history that begins with the same baseline is left as it is.
 *
 * @throws MigrateError MIGRATION_BASELINE_REFUSED
 */
export async function doBaseline(run: Run): Promise<void> {
  const { callbacks } = run;
  await callbacks.run('beforeBaseline');
  try {
    await baselineTable(run);
  } catch (error) {
    await callbacks.runError('afterBaselineError', error);
    throw error;
  }
  await callbacks.run('afterBaseline');
}

async function baselineTable(run: Run): Promise<void> {
  const { session, settings, log } = run;
  const { baselineVersion: version, baselineDescription: description } = settings;
  if (!(await readState(session)).tableExists) {
    log.info(`Creating Schema History table ${session.table} with baseline ...`);
    await inTransaction(run, createTable(session, baselineRow(settings)));
    log.info(`Successfully baselined schema with version: ${version}`);
    return;
  }
  const refuse = (why: string) =>
    new MigrateError(
      'MIGRATION_BASELINE_REFUSED',
      `Unable to baseline schema history table ${session.table} ${why}`,
      {
        flywayCode: 'ERROR',
        hint: 'A history is begun once; repair changes it.',
      },
    );
  const applied = await readHistory(session);
  // Only a SCHEMA marker can stand before it.
  const marker = applied.slice(0, 2).find(({ type }) => type === 'BASELINE');
  if (marker !== undefined) {
    if (compareVersions(marker.version ?? '0', version) === 0 && marker.description === description) {
      log.info(
        `Schema history table ${session.table} already initialized with (${version},${description}). Skipping.`,
      );
      return;
    }
    throw refuse(
      `with (${version},${description}) as it has already been baselined with (${marker.version},${marker.description})\n${LEARN_MORE}`,
    );
  }
  if (applied[0]?.type === 'SCHEMA' && compareVersions(version, '0') === 0) {
    throw refuse('with version 0 as this version was used for schema creation');
  }
  if (applied.some(({ type }) => !isSynthetic(type)))
    throw refuse(`as it already contains migrations\n${LEARN_MORE}`);
  if (applied.length === 0) {
    throw refuse(
      'as it already exists, and is empty.\nDelete the schema history table, and run baseline again.',
    );
  }
  throw refuse(
    `as it already contains migrations.\nDelete the schema history table, and run baseline again.\n${LEARN_MORE}`,
  );
}

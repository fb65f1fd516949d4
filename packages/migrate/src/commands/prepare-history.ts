import { MigrateError } from '../errors.ts';
import { quoted } from '../execute/session.ts';
import type { Session } from '../execute/session.ts';
import { createTable, insertRow, readState } from '../history/table.ts';
import type { NewRow } from '../history/table.ts';
import { doBaseline } from './baseline-row.ts';
import { nonEmptySchemas } from './emptiness.ts';
import { baselineRow, inTransaction, underLock } from './own-statements.ts';
import type { Run } from './run.ts';

/** Makes the schemas that do not exist, and the history with its SCHEMA marker; `baseline` adds the row of one. */
export async function createSchemas(run: Run, baseline: boolean): Promise<void> {
  const { session, callbacks, settings, log } = run;
  await callbacks.run('createSchema');
  await callbacks.run('beforeCreateSchema');
  const isMissing = async () => {
    const { schemas } = await readState(session);
    return session.schemas.filter((schema) => !schemas.has(schema));
  };
  if ((await isMissing()).length === 0) return;
  await underLock(session, async () => {
    const missing = await isMissing();
    if (missing.length === 0) return;
    const statements = missing.map((schema) => {
      log.info(`Creating schema ${quoted(schema)} ...`);
      return `CREATE SCHEMA ${quoted(schema)}`;
    });
    const { tableExists } = await readState(session);
    if (!tableExists) {
      log.info(`Creating Schema History table ${session.table}${baseline ? ' with baseline' : ''} ...`);
      statements.push(...createTable(session, baseline ? baselineRow(settings) : null));
    }
    await inTransaction(run, [...statements, schemaMarker(session, missing)]);
  });
}

/** A history may have a marker already, for other schemas. */
function schemaMarker(session: Session, created: readonly string[]): string {
  const row: NewRow = {
    installedRank: 0,
    version: null,
    description: '<< Flyway Schema Creation >>',
    type: 'SCHEMA',
    script: created.map(quoted).join(','),
    checksum: null,
    success: true,
  };
  const insert = insertRow(session, row, '0').replace(/ RETURNING "execution_time"$/, '');
  return `${insert} ON CONFLICT ("installed_rank") DO UPDATE SET "script" = ${session.table}."script" || ',' || EXCLUDED."script"`;
}

/**
 * Makes the history where there is none.
 *
 * @throws MigrateError MIGRATION_SCHEMA_NOT_EMPTY without `baselineOnMigrate`
 */
export async function createHistory(run: Run): Promise<void> {
  const { session, settings, log } = run;
  if ((await readState(session)).tableExists) return;
  await underLock(session, async () => {
    if ((await readState(session)).tableExists) return;
    const occupied = await nonEmptySchemas(session);
    if (occupied.length > 0 && settings.baselineOnMigrate) return doBaseline(run);
    if (occupied.length > 0) throw notEmpty(occupied);
    log.info(`Creating Schema History table ${session.table} ...`);
    await inTransaction(run, createTable(session, null));
  });
}

function notEmpty(schemas: readonly string[]): MigrateError {
  return new MigrateError(
    'MIGRATION_SCHEMA_NOT_EMPTY',
    `Found non-empty schema(s) ${schemas.map(quoted).join(', ')} but no schema history table. Use baseline() or set baselineOnMigrate to true to initialize the schema history table.`,
    {
      flywayCode: 'NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE',
      hint: 'Run baseline with the version that the schema is at.',
    },
  );
}

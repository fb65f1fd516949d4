import { escapeLiteral } from 'pg';
import type { Client } from 'pg';

import { describeInvalidIndexes, findInvalidIndexes } from '../execute/invalid-indexes.ts';
import { formatDuration } from '../execute/log.ts';
import type { LogListener } from '../execute/log.ts';
import { abbreviateDescription } from '../history.ts';
import { deleteMarker, insertRow, nextRank, readHistory, readState } from '../history/table.ts';
import type { AppliedMigration } from '../history/types.ts';
import { checksumMatches, isSynthetic, isUndo } from '../info/facts.ts';
import { describeMigrations } from '../info/list.ts';
import type { MigrationInfo } from '../info/list.ts';
import { readPatterns } from '../info/patterns.ts';
import type { MigrateSettings } from '../settings.ts';
import { inTransaction, underLock } from './own-statements.ts';
import type { RepairOutput, RepairResult } from './results.ts';
import { withRun } from './run.ts';
import type { Run } from './run.ts';

/** What is to be done, and the statements that do it. */
interface Repairs {
  readonly removed: readonly AppliedMigration[];
  readonly deleted: readonly MigrationInfo[];
  readonly aligned: readonly MigrationInfo[];
  readonly statements: readonly string[];
}

/**
 * Puts the history right, and nothing else: rows of failed migrations are removed, migrations whose files are gone get a
 * DELETE marker, and checksums, descriptions and types follow the files. All in one transaction.
 *
 * @throws MigrateError MIGRATION_LOCKED, and what resolving the files throws
 * @example
 * ```ts
 * const { repairActions } = await repair(client, { ...defaultSettings, schemas: ['shop'] });
 * // ['Removed failed migrations']
 * ```
 */
export async function repair(
  client: Client,
  settings: MigrateSettings,
  events?: LogListener,
): Promise<RepairResult> {
  return withRun(client, settings, events, async (run) => {
    const { session, callbacks, log } = run;
    await callbacks.run('beforeRepair');
    const began = performance.now();
    let repairs: Repairs;
    try {
      repairs = await repairHistory(run);
    } catch (error) {
      await callbacks.runError('afterRepairError', error);
      throw error;
    }
    const time = formatDuration(performance.now() - began);
    log.info(`Successfully repaired schema history table ${session.table} (execution time ${time}).`);
    if (repairs.deleted.length > 0) {
      log.info(
        'Please ensure the previous contents of the deleted migrations are removed from the database, or moved into an existing migration.',
      );
    }
    await callbacks.run('afterRepair');
    const left = describeInvalidIndexes(await findInvalidIndexes(session));
    if (left !== undefined) log.warn(left);
    return resultOf(run, repairs, left === undefined ? [] : [left]);
  });
}

async function repairHistory(run: Run): Promise<Repairs> {
  const { session, log } = run;
  const nothing: Repairs = { removed: [], deleted: [], aligned: [], statements: [] };
  if (!(await readState(session)).tableExists) {
    log.info(
      `Repair of failed migration in Schema History table ${session.table} not necessary as table doesn't exist.`,
    );
    log.info(`Schema history table ${session.table} does not exist yet`);
    return nothing;
  }
  return underLock(session, async () => {
    const repairs = planRepairs(run, await readHistory(session));
    if (repairs.statements.length > 0) await inTransaction(run, repairs.statements);
    return repairs;
  });
}

function planRepairs(
  { session, settings, resolution, log }: Run,
  rows: readonly AppliedMigration[],
): Repairs {
  const removed = rows.filter(({ success }) => !success);
  if (removed.length === 0) {
    log.info(
      `Repair of failed migration in Schema History table ${session.table} not necessary. No failed migration detected.`,
    );
  }
  const applied = rows.filter(({ success }) => success);
  const list = describeMigrations({
    resolved: resolution,
    applied,
    settings: { ...settings, target: 'latest', outOfOrder: true },
  });
  const deleted = list.entries.filter((entry) => isGone(entry, settings));
  const aligned = list.entries.filter(isDifferent);
  const remove = removed.length === 0 ? [] : [`DELETE FROM ${session.table} WHERE NOT "success"`];
  const first = nextRank(applied);
  const markers = deleted.flatMap(({ applied: row, version, description }, i) => {
    const what = version === null ? `description "${description}"` : `version "${version}"`;
    log.info(`Repairing Schema History table for ${what} (Marking as DELETED)  ...`);
    return row === undefined ? [] : [insertRow(session, deleteMarker(row, first + i), '0')];
  });
  const updates = aligned.flatMap(({ applied: row, resolved }) => {
    if (row === undefined || resolved === undefined) return [];
    const { description, type, checksum } = resolved;
    log.info(
      `Repairing Schema History table for version ${row.version} (Description: ${description}, Type: ${type}, Checksum: ${checksum})  ...`,
    );
    return [
      `UPDATE ${session.table} SET "description" = ${escapeLiteral(abbreviateDescription(description))}, "type" = ${escapeLiteral(type)}, "checksum" = ${checksum} WHERE "installed_rank" = ${row.installedRank}`,
    ];
  });
  return { removed, deleted, aligned, statements: [...remove, ...markers, ...updates] };
}

/** The file is gone, and no pattern says that this is right. */
function isGone({ state, version, type }: MigrationInfo, settings: MigrateSettings): boolean {
  const gone = ['MISSING_SUCCESS', 'MISSING_FAILED', 'FUTURE_SUCCESS', 'FUTURE_FAILED'].includes(state);
  if (!gone || isSynthetic(type) || isUndo(type)) return false;
  const patterns = readPatterns(settings.ignoreMigrationPatterns);
  return !patterns.some((ignores) => ignores(version !== null, state));
}

/** A versioned row follows its file; a repeatable one only where it holds the checksum of the text with placeholders. */
function isDifferent({ state, type, applied, resolved }: MigrationInfo): boolean {
  if (applied === undefined || resolved === undefined || isSynthetic(type)) return false;
  if (state === 'UNDONE' || state === 'IGNORED') return false;
  if (resolved.version === null) {
    return applied.checksum === resolved.equivalentChecksum && applied.checksum !== resolved.checksum;
  }
  return (
    !checksumMatches(resolved, applied) ||
    abbreviateDescription(resolved.description) !== applied.description ||
    resolved.type !== applied.type
  );
}

function resultOf({ session }: Run, repairs: Repairs, warnings: readonly string[]): RepairResult {
  const { removed, deleted, aligned } = repairs;
  const output = (row: { readonly version: string | null; readonly description: string }): RepairOutput => ({
    version: row.version ?? '',
    description: row.description,
    filepath: 'resolved' in row ? ((row as MigrationInfo).resolved?.path ?? '') : '',
  });
  return {
    operation: 'repair',
    success: true,
    database: session.database,
    warnings,
    repairActions: [
      ...(removed.length > 0 ? ['Removed failed migrations'] : []),
      ...(deleted.length > 0 ? ['Marked missing migrations as deleted'] : []),
      ...(aligned.length > 0 ? ['Aligned applied migration checksums'] : []),
    ],
    migrationsRemoved: removed.map(output),
    migrationsDeleted: deleted.map(output),
    migrationsAligned: aligned.map(output),
  };
}

import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';

import { checkContainment, historyFirst } from './containment.ts';
import type { DeferredStatement } from './deferred.ts';
import { explainFailure } from './failure.ts';
import { HISTORY_TABLE, historyDdl, historyInsert, historyParameters, historyProtection } from './history.ts';
import type { Revision } from './history.ts';
import type { LintRule } from './lint/observation.ts';
import { prepareSet, refuseFindings } from './lint.ts';
import type { MigrationSet } from './load.ts';
import { advisoryKey } from './lock.ts';
import { buildMessage } from './message.ts';
import type { Message } from './message.ts';
import { DEFAULT_LOCK_TIMEOUT_MS } from './options.ts';
import type { ApplyOptions } from './options.ts';
import type { PreparedFile } from './prepare.ts';
import { ScriptFailure, ScriptQuery } from './script-query.ts';
import { readSession } from './session.ts';
import type { Session } from './session.ts';

/** What was applied. */
export interface ApplyResult {
  readonly revisions: readonly Revision[];
  readonly schemaVersion: string | null;
  /** What cannot run in a transaction; give it to `runDeferred` after COMMIT. */
  readonly deferred: readonly DeferredStatement[];
}

/**
 * Applies every migration to an empty schema in the caller's transaction, which it neither begins nor ends.
 *
 * Precondition: `client` is inside an open transaction, the current role owns the schema, and search_path begins with
 * it. All files go to the server as one message. Then the history is written and the containment check runs.
 *
 * @throws MigrateError; the transaction is then unusable and the caller rolls it back. MIGRATION_LINT,
 * MIGRATION_PLACEHOLDER_MISSING, MIGRATION_SYNTAX and, for hard-coded schemas, MIGRATION_NOT_CONTAINED before anything
 * ran; MIGRATION_FAILED, MIGRATION_LOCKED and MIGRATION_NOT_CONTAINED from the database.
 * @example
 * ```ts
 * await client.query('BEGIN; SET LOCAL ROLE shop_owner; SET LOCAL search_path = shop');
 * const { schemaVersion } = await applyToEmptySchema(client, set, { schema: 'shop' });
 * await client.query('COMMIT');
 * ```
 */
export async function applyToEmptySchema(
  client: ClientBase,
  set: MigrationSet,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const session = await readSession(client, options.schema, escapeLiteral(options.schema), options.prelude);
  const { files, findings } = await prepareSet(set, options, session);
  const { scratch = false } = options;
  refuseFindings(scratch ? findings.filter(({ rule }) => OUTLASTS.has(rule)) : findings);
  const table = options.table ?? HISTORY_TABLE;
  const expected = { ...session, restore: scratch };
  const message = buildMessage(setup(session, options, table), files, expected, options.schema);
  const revisions = await run(client, message, files, options.onRevision);
  const parameters = historyParameters(revisions, options.installedBy);
  if (scratch) await client.query(historyInsert(options.schema, table, 1), parameters);
  else await provenHistory(client, session, files, options.schema, table, parameters);
  return { revisions, schemaVersion: set.schemaVersion, deferred: deferredOf(files) };
}

/** What a rollback does not undo, or what would hold up those who use the schema that is compared. */
const OUTLASTS: ReadonlySet<LintRule> = new Set(['hard-coded-schema', 'transaction-control', 'server-file']);

async function provenHistory(
  client: ClientBase,
  session: Session,
  files: readonly PreparedFile[],
  schema: string,
  table: string,
  parameters: readonly unknown[],
): Promise<void> {
  const { userOid: ownerOid, schemaOid, databaseOid } = session;
  const granteeOids = [ownerOid, ...session.granteeOids];
  const scope = { ownerOid, schemaOid, databaseOid, granteeOids, table, known: [] };
  await checkContainment(client, scope, files, {
    sql: historyInsert(schema, table, historyFirst),
    parameters,
  });
}

function setup(session: Session, options: ApplyOptions, table: string): readonly string[] {
  const milliseconds = Math.max(0, Math.round(options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS));
  return [
    `SET LOCAL lock_timeout = ${milliseconds}`,
    `SELECT pg_catalog.pg_advisory_xact_lock(${advisoryKey(options.schema, table)})`,
    `SET LOCAL lock_timeout = ${escapeLiteral(session.lockTimeout)}`,
    ...historyDdl(options.schema, table),
    ...historyProtection(
      options.schema,
      table,
      session.grantees.filter((role) => role !== session.user),
    ),
  ];
}

async function run(
  client: ClientBase,
  message: Message,
  files: readonly PreparedFile[],
  onRevision: ApplyOptions['onRevision'],
): Promise<readonly Revision[]> {
  const revisions: Revision[] = [];
  let before = 0;
  const script = new ScriptQuery(message.text, message.copyData, (index, value) => {
    const entry = message.entries[index];
    if (entry?.kind !== 'marker') return;
    const now = Number(value) * 1000;
    const file = files[entry.file];
    if (file !== undefined) {
      const revision = revisionOf(file, revisions.length + 1, Math.max(0, Math.round(now - before)));
      revisions.push(revision);
      onRevision?.(revision);
    }
    before = now;
  });
  client.query(script);
  try {
    await script.done;
  } catch (error) {
    throw error instanceof ScriptFailure ? explainFailure(error, message, files) : error;
  }
  return revisions;
}

function revisionOf(
  { migration, compiled, checksum }: PreparedFile,
  installedRank: number,
  time: number,
): Revision {
  return {
    installedRank,
    version: migration.version,
    description: migration.description,
    script: migration.script,
    checksum,
    executionTimeMs: time,
    success: compiled.statements.every(({ fate }) => fate !== 'defer'),
  };
}

function deferredOf(files: readonly PreparedFile[]): readonly DeferredStatement[] {
  return files.flatMap(({ migration, compiled, text }, i) =>
    compiled.statements
      .filter(({ fate }) => fate === 'defer')
      .map(({ start, end, line }) => ({
        installedRank: i + 1,
        script: migration.script,
        line,
        sql: text.slice(start, end),
      })),
  );
}

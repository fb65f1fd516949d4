import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import pg from 'pg';
import { applyToEmptySchema } from '../apply.ts';
import { diffSchemas, fingerprint, renderDiff, SNAPSHOT_FORMAT, snapshotSchema } from '../drift/index.ts';
import type { SchemaSnapshot } from '../drift/index.ts';
import { createLog } from '../execute/log.ts';
import { openSession } from '../execute/session.ts';
import { readHistory, readState } from '../history/table.ts';
import type { MigrationSet } from '../load.ts';
import { replacePlaceholders } from '../resolve/placeholders.ts';
import { resolveMigrations } from '../resolve/resolve.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import { exitCodes, UsageError } from './failure.ts';
import { printable } from './output.ts';
import type { Outcome, Run } from './run.ts';
import { migrationSet } from './migration-set.ts';

/** `drift`: compares a schema with what its migrations make, with another schema, or with a file. */
export async function runDrift(run: Run): Promise<Outcome> {
  const { out, options, configuration } = run;
  const { settings } = configuration;
  const client = await run.connection();
  const schema = await schemaOf(client, settings);
  const actual = await snapshotSchema(client, schema, { table: settings.table });
  if (options.save !== undefined) await save(run, actual, options.save);
  const mine = fingerprint(actual);
  if (options.save !== undefined && options.against === undefined) {
    out.info(`Schema "${schema}" was written to ${options.save}`);
    if (!out.json) out.print(`fingerprint ${mine}`);
    return {
      exitCode: exitCodes.ok,
      document: { operation: 'drift', schema, fingerprint: mine, file: options.save },
    };
  }
  const { snapshot: expected, name } = await reference(run, client, schema);
  const differences = diffSchemas(expected, actual);
  const equal = differences.length === 0;
  if (!out.json) {
    out.info(`Schema "${schema}", compared with ${name}:`);
    out.print(printable(equal ? `no difference, fingerprint ${mine}` : renderDiff(differences)));
  }
  const document = {
    operation: 'drift',
    schema,
    against: name,
    equal,
    fingerprint: mine,
    expectedFingerprint: fingerprint(expected),
    differences,
  };
  return { exitCode: equal ? exitCodes.ok : exitCodes.failed, document };
}

async function schemaOf(client: pg.Client, settings: MigrateSettings): Promise<string> {
  if (settings.initSql !== null) await client.query(settings.initSql);
  const named = settings.defaultSchema ?? settings.schemas[0];
  if (named !== undefined) return named;
  const { rows } = await client.query<{ schema: string | null }>(
    'SELECT pg_catalog.current_schema() AS schema',
  );
  const current = rows[0]?.schema;
  if (current) return current;
  throw new UsageError('There is no schema to look at.', 'Name one with --schema.');
}

async function save({ host }: Run, snapshot: SchemaSnapshot, file: string): Promise<void> {
  await writeFile(resolve(host.directory ?? '.', file), `${JSON.stringify(snapshot, null, 1)}\n`);
}

interface Reference {
  readonly snapshot: SchemaSnapshot;
  readonly name: string;
}

async function reference(run: Run, client: pg.Client, schema: string): Promise<Reference> {
  const { against } = run.options;
  const { table } = run.configuration.settings;
  if (against === undefined) {
    return { snapshot: await fromMigrations(run, client, schema), name: 'what its migrations make' };
  }
  if (!/[/.\\]/.test(against)) {
    return { snapshot: await snapshotSchema(client, against, { table }), name: `schema "${against}"` };
  }
  return { snapshot: await fromFile(resolve(run.host.directory ?? '.', against)), name: against };
}

async function fromFile(path: string): Promise<SchemaSnapshot> {
  const hint = 'Write one with drift --save <file>.';
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${path} cannot be read.`, hint);
  });
  const snapshot = parse(text);
  if (snapshot?.format === SNAPSHOT_FORMAT && Array.isArray(snapshot.objects)) return snapshot;
  throw new UsageError(`${path} is not a structure of this version.`, hint);
}

function parse(text: string): SchemaSnapshot | undefined {
  try {
    return JSON.parse(text) as SchemaSnapshot;
  } catch {
    return undefined;
  }
}

/** Runs what the history says was applied in a new schema, looks at it, and rolls all of it back. */
async function fromMigrations(run: Run, client: pg.Client, schema: string): Promise<SchemaSnapshot> {
  const { settings } = run.configuration;
  const scratch = `drift_${randomBytes(6).toString('hex')}`;
  const set = await appliedSet(client, settings, schema, scratch);
  const extensions = await installedExtensions(client);
  // The schema itself stays out of reach, unless its extensions live there: an unqualified DROP would lock what is in use.
  const more =
    extensions.extensionsSchema === undefined ? '' : `, ${pg.escapeIdentifier(extensions.extensionsSchema)}`;
  await client.query('BEGIN');
  try {
    const name = pg.escapeIdentifier(scratch);
    await client.query(
      `CREATE SCHEMA ${name}; SET LOCAL search_path = ${name}${more}; SET LOCAL lock_timeout = '1s'`,
    );
    const { table, placeholders } = settings;
    const options = { schema: scratch, table, placeholders, ...extensions, scratch: true };
    await applyToEmptySchema(client, set, options);
    return await snapshotSchema(client, scratch, { table });
  } finally {
    await client.query('ROLLBACK');
  }
}

/** The files that the history says were applied, and nothing that is pending. */
async function appliedSet(
  client: pg.Client,
  settings: MigrateSettings,
  schema: string,
  scratch: string,
): Promise<MigrationSet> {
  const session = await openSession(client, settings, createLog(undefined));
  const { tableExists } = await readState(session);
  const rows = tableExists ? await readHistory(session) : [];
  const applied = rows.filter(({ success, type }) => success && type !== 'SCHEMA');
  if (applied.length === 0) {
    const hint = 'Name a schema or a file to compare with: --against.';
    throw new UsageError(`The history of schema "${schema}" holds no migration.`, hint);
  }
  const foreign = applied.find(({ type }) => !['SQL', 'DELETE', 'UNDO_SQL'].includes(type));
  if (foreign) {
    const hint = 'Name a schema or a file to compare with: --against.';
    throw new UsageError(
      `The schema was not made by SQL files alone: the history has a row ${foreign.type}.`,
      hint,
    );
  }
  const { user, database } = { user: session.role, database: session.database };
  const context = { schema, user, database, table: settings.table };
  const resolution = await resolveMigrations(settings, context);
  const last = (migration: ResolvedMigration) =>
    applied.findLast(({ version, description }) =>
      migration.version === null
        ? version === null && description === migration.description
        : version !== null && compareVersions(version, migration.version) === 0,
    );
  // The fast path knows Flyway's usual placeholders; others are put in here.
  const usual = settings.placeholderPrefix === '${' && settings.placeholderSuffix === '}';
  const textOf = ({ sql, path, script, config }: ResolvedMigration) =>
    usual || !config.placeholderReplacement
      ? sql
      : replacePlaceholders(sql, { path, script }, settings, { ...context, schema: scratch });
  return migrationSet(settings.locations, resolution, (migration) => last(migration)?.type === 'SQL', textOf);
}

/** What is installed may be named: the files made it, and it lies outside of the schema. */
async function installedExtensions(
  client: pg.Client,
): Promise<{ readonly allowedExtensions: readonly string[]; readonly extensionsSchema?: string }> {
  const { rows } = await client.query<{ name: string; schema: string }>(
    `SELECT e.extname AS name, n.nspname AS schema
     FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname <> 'plpgsql' ORDER BY e.oid`,
  );
  const first = rows[0];
  return {
    allowedExtensions: rows.map(({ name }) => name),
    ...(first === undefined ? {} : { extensionsSchema: first.schema }),
  };
}

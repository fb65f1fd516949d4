import type pg from 'pg';
import type { CellCheckItem } from '@tenantry/contract';
import { defaultSettings, migrate, MigrateError, validate, type MigrateSettings } from '@tenantry/migrate';
import { item } from '../db/cells/check.ts';
import {
  prepareReference,
  referenceOwner,
  referenceSchema,
  referenceStrays,
  settleReferenceSql,
} from '../db/cells/reference.ts';
import type { Cell } from '../db/cells/registry.ts';
import type { Context } from '../db/context.ts';

/**
 * Brings the reference tables of a cell to the version of the configured directories, under the lock of their history.
 * Gives whether they are there; what went wrong is logged, and found again by the check of the cell: tenants go on with
 * the tables that they have. Does nothing where none are configured.
 */
export async function migrateReference(ctx: Context, cellId: string): Promise<boolean> {
  const { reference } = ctx.cells;
  if (reference.length === 0) return true;
  try {
    await migrateCell(await ctx.cells.get(cellId), reference);
    ctx.cells.referenceFailures.delete(cellId);
    return true;
  } catch (err) {
    ctx.log.error({ err, cell: cellId }, 'The reference tables of a cell could not be migrated');
    ctx.cells.referenceFailures.set(cellId, textOf(err));
    return false;
  }
}

/** The same for every cell, at the same time. */
export async function migrateReferences(ctx: Context): Promise<void> {
  if (ctx.cells.reference.length === 0) return;
  const cells = await ctx.control.db.selectFrom('cells').select('id').execute();
  await Promise.all(cells.map(({ id }) => migrateReference(ctx, id)));
}

function migrateCell(cell: Cell, locations: readonly string[]): Promise<void> {
  return cell.withConnection(async (client) => {
    await prepareReference(client);
    await becomeOwner(client);
    await migrate(asClient(client), settingsFor(locations));
    const strays = await referenceStrays(client);
    if (strays.length > 0) await client.query(settleReferenceSql);
    await client.query('RESET ROLE');
  });
}

/** What the reference tables of a cell lack. Reads only. Where none are configured there is nothing to say. */
export async function checkReference(
  ctx: Context,
  client: pg.PoolClient,
  cell: { readonly id: string; readonly name: string; readonly slots: number },
): Promise<CellCheckItem[]> {
  const { reference, referenceFailures } = ctx.cells;
  if (reference.length === 0) return [];
  const problem = await problemOf(client, reference);
  const strays = await referenceStrays(client);
  const last = problem === null ? undefined : referenceFailures.get(cell.id);
  const again = `Mend the cause, then "tenantry cell update ${cell.name} --slots ${cell.slots}" or a start of the control plane tries again.`;
  return [
    item('reference', problem === null, 'error', {
      good: 'The reference tables are those of the configured migrations',
      bad: `The reference tables are not those of the configured migrations: ${last ?? problem ?? ''}. ${again}`,
    }),
    item('reference-privileges', strays.length === 0, 'error', {
      good: 'Tenants may read the reference tables, and do nothing else with them',
      bad: `Privileges of the reference tables are not as they should be (${strays.slice(0, 5).join('; ')}). ${again}`,
    }),
  ];
}

async function problemOf(client: pg.PoolClient, locations: readonly string[]): Promise<string | null> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = $1 AND r.rolname = $2`,
    [referenceSchema, referenceOwner],
  );
  if (rowCount === 0) return `there is no schema ${referenceSchema} of ${referenceOwner}`;
  await becomeOwner(client);
  try {
    const result = await validate(asClient(client), settingsFor(locations));
    if (result.validationSuccessful) return null;
    const [first] = result.invalidMigrations;
    return first
      ? `${first.script || first.description}: ${first.message}`
      : result.errorDetails!.errorMessage;
  } catch (error) {
    // Files that cannot be read or named: as much a reason as any.
    return textOf(error);
  } finally {
    await client.query('RESET ROLE').catch(() => {});
  }
}

/** In one line: what PostgreSQL said of which line of which file, where it is about one. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof MigrateError) || error.file === undefined) return error.message.replace(/\s+/g, ' ');
  const { file, line, sqlState, cause } = error;
  const place = line === undefined ? file : `${file}, line ${line}`;
  const reason = cause instanceof Error ? cause.message : error.message;
  return `${place}: ${reason.replace(/\s+/g, ' ')}${sqlState === undefined ? '' : ` (${sqlState})`}`;
}

async function becomeOwner(client: pg.ClientBase): Promise<void> {
  await client.query(`SET ROLE ${referenceOwner}; SET search_path = ${referenceSchema}, extensions, pg_temp`);
}

function settingsFor(directories: readonly string[]): MigrateSettings {
  return {
    ...defaultSettings,
    locations: directories.map((directory) => `filesystem:${directory}`),
    failOnMissingLocations: true,
    schemas: [referenceSchema],
    createSchemas: false,
    contained: true,
  };
}

/** The pool's connection, which is nobody else's meanwhile: a Client in all but its type. */
function asClient(client: pg.PoolClient): pg.Client {
  return client;
}

import { sql } from 'kysely';
import { ownerOf, newTenantId, tenantId } from '@tenantry/tenancy';
import type { CellLane } from '@tenantry/contract';
import type { Revision } from '@tenantry/migrate';
import { forgetKeys } from '../access/forget-keys.ts';
import type { AuditEntry } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import type { OperationDefinition, StepContext } from '../operations/definition.ts';
import type { Outcome } from '../operations/ledger.ts';
import { onBehalfOf } from '../operations/on-behalf-of.ts';
import type { OperationRecord } from '../operations/rows.ts';
import { tenantEvent } from './change.ts';
import type { TenantContext } from './context.ts';
import { pickNeighbour } from './neighbour.ts';
import { selectTenants, toTenant, type TenantRecord } from './rows.ts';
import { buildSchema } from './schema/build.ts';
import { dropSchema } from './schema/drop.ts';
import { EarlySocket } from './schema/early-socket.ts';
import { finishSchema } from './schema/finish.ts';

/** What a person sees happening; `reserve` was done when the request was answered. */
export const provisionSteps = [
  {
    name: 'build',
    title: 'Create roles, schema and privileges, and run every migration, in one transaction',
  },
  { name: 'probe', title: 'Log in as the tenant and be refused everything that is not its own' },
  { name: 'activate', title: 'Make the tenant routable' },
] as const;

/** Provisioning: one transaction on the cell, a probe, activation. Nothing is left of one that fails. */
export const provisionOperation: OperationDefinition = {
  kind: 'tenant.provision',
  permission: 'tenants:write',
  steps: provisionSteps,
  rollback: { name: 'rollback', title: 'Remove what was made', run: rollBack },
  prepare(ctx, operation) {
    void subject({ ctx, operation });
  },
  async run(step, context) {
    return step === 'build' ? build(context) : probe(context);
  },
  succeed: activate,
  fail,
  retry,
};

async function build(context: StepContext): Promise<Record<string, unknown> | undefined> {
  const ctx = context.ctx as TenantContext;
  const [row, current] = await Promise.all([subject(context), ctx.migrations.current()]);
  await ctx.migrations.register(ctx.control.db, current);
  const cell = await ctx.cells.get(row.cell_id);
  const built = await buildSchema({
    tenant: row.id,
    cell,
    set: current.set,
    placeholders: ctx.migrations.placeholdersFor(row.id),
    credentialKey: ctx.cells.credentialKey,
    credentialVersion: row.credential_version,
    leased: row.cell_lanes.includes('leased'),
    signal: context.signal,
    // Also asks whether the operation is still this worker's; who takes it later than that ends this one's connection.
    beforeCommit: (revisions) => {
      sockets.set(context.operation, new EarlySocket(cell.address));
      return context.report(detailOf(current.id, current.set.schemaVersion, revisions));
    },
  });
  // Built by a worker that died afterwards: the step still has what that one reported before its commit.
  if (built.existed) return undefined;
  return detailOf(current.id, built.schemaVersion, built.revisions);
}

function detailOf(
  migrationSet: string,
  schemaVersion: string | null,
  revisions: readonly Revision[],
): Record<string, unknown> {
  const files = revisions.map(({ script, executionTimeMs }) => ({ script, ms: executionTimeMs }));
  return { migrationSet, schemaVersion, files };
}

async function probe(context: StepContext): Promise<Record<string, unknown>> {
  const ctx = context.ctx;
  const row = await subject(context);
  return finishSchema({
    tenant: row.id,
    cell: await ctx.cells.get(row.cell_id),
    credentialKey: ctx.cells.credentialKey,
    credentialVersion: row.credential_version,
    neighbour: pickNeighbour(ctx, row.cell_id, row.id),
    leased: row.cell_lanes.includes('leased'),
    socket: takeSocket(context.operation),
  });
}

/** Connections for the probes of tenants whose build is about to commit. */
const sockets = new WeakMap<OperationRecord, EarlySocket>();

function takeSocket(operation: OperationRecord): EarlySocket | undefined {
  const socket = sockets.get(operation);
  sockets.delete(operation);
  return socket;
}

async function activate(tx: Tx, context: StepContext): Promise<Outcome> {
  const { ctx, operation } = context;
  const built = context.detailOf('build') as {
    readonly migrationSet?: string;
    readonly schemaVersion?: string | null;
  };
  const known = await subject(context);
  const now = ctx.clock();
  const changed = await tx
    .with('was', (db) =>
      db.selectFrom('tenants').select(['id', 'updated_at', 'version']).where('id', '=', known.id).forUpdate(),
    )
    .updateTable('tenants')
    .from('was')
    .set({
      state: 'active',
      migration_set: built.migrationSet ?? null,
      schema_version: built.schemaVersion ?? null,
      activated_at: now,
      updated_at: now,
      version: sql<number>`was.version + 1`,
    })
    .whereRef('tenants.id', '=', 'was.id')
    .returningAll('tenants')
    .returning(['was.updated_at as was_updated_at', 'was.version as was_version'])
    .executeTakeFirstOrThrow();
  const { was_updated_at, was_version, ...row } = changed;
  const after = { ...row, cell_name: known.cell_name };
  const { state, migration_set, schema_version, activated_at } = known;
  const was = { state, migration_set, schema_version, activated_at };
  const before = { ...after, ...was, updated_at: was_updated_at, version: was_version };
  const tenant = toTenant(after);
  const target = { kind: 'tenant', id: row.id };
  return {
    ctx: onBehalfOf(ctx, operation),
    entries: [
      { action: 'tenant.activate', target, tenantId: row.id, before: toTenant(before), after: tenant },
    ],
    events: [tenantEvent(tenant)],
  };
}

async function rollBack(context: StepContext): Promise<Record<string, unknown>> {
  const { ctx, operation } = context;
  takeSocket(operation)?.destroy();
  const id = tenantId(operation.tenant_id ?? '');
  const row = await ctx.control.db
    .updateTable('tenants')
    .set({ state: 'failed' })
    .where('id', '=', id)
    .where('state', 'in', ['provisioning', 'failed'])
    .returning('cell_id')
    .executeTakeFirst();
  if (!row) return { removed: [] };
  const { existed } = await dropSchema(await ctx.cells.get(row.cell_id), id);
  return {
    removed: existed ? [`schema ${id}`, `role ${id}`, `role ${ownerOf(id)}`] : [],
    byPostgres: !existed,
  };
}

async function fail(
  tx: Tx,
  context: StepContext,
  failure: { readonly state: string; readonly error: unknown },
): Promise<Outcome> {
  const ctx = onBehalfOf(context.ctx, context.operation);
  const { operation } = context;
  // None is made before the tenant is active, but one that is there must not keep the row, and so the operation, for ever.
  const keys = await forgetKeys(tx, operation.tenant_id ?? '', ctx.clock());
  const row = await tx
    .deleteFrom('tenants')
    .where('id', '=', operation.tenant_id)
    .returningAll()
    .executeTakeFirst();
  if (!row) return { ctx, entries: [], events: [] };
  const entry: AuditEntry = {
    action: 'tenant.provision',
    target: { kind: 'tenant', id: row.id },
    tenantId: row.id,
    outcome: 'failure',
    before: { slug: row.slug, state: 'provisioning' },
    after: { operation: operation.id, state: failure.state, error: failure.error, removed: true },
  };
  return { ctx, entries: [...keys.entries, entry], events: keys.events };
}

/** A new attempt is a new tenant: the name of a role is never used again, not even one that was rolled back. */
async function retry(tx: Tx, _ctx: Context, operation: OperationRecord): Promise<{ tenantId: string }> {
  const input = operation.input as {
    slug: string;
    name?: string;
    plan?: string;
    labels?: object;
    cell: string;
  };
  const cell = await tx.selectFrom('cells').select('id').where('name', '=', input.cell).executeTakeFirst();
  if (!cell) throw new TenantryError('CELL_NOT_FOUND');
  const id = newTenantId();
  try {
    await tx
      .insertInto('tenants')
      .values({
        id,
        slug: input.slug,
        name: input.name ?? input.slug,
        state: 'provisioning',
        plan: input.plan ?? 'standard',
        labels: JSON.stringify(input.labels ?? {}),
        cell_id: cell.id,
        schema_name: id,
        schema_version: null,
        migration_set: null,
      })
      .execute();
  } catch (error) {
    if (isUniqueViolation(error, 'tenants_slug_key')) {
      throw new TenantryError(
        'SLUG_TAKEN',
        `The slug "${input.slug}" was given to another tenant in the meantime.`,
      );
    }
    throw error;
  }
  return { tenantId: id };
}

/** The tenants of running operations, by the record that their worker holds: nobody else changes one meanwhile. */
const subjects = new WeakMap<OperationRecord, Promise<Subject>>();

type Subject = TenantRecord & { readonly cell_lanes: readonly CellLane[] };

function subject({ ctx, operation }: Pick<StepContext, 'ctx' | 'operation'>): Promise<Subject> {
  const known = subjects.get(operation);
  if (known) return known;
  const reading = readSubject(ctx, operation);
  subjects.set(operation, reading);
  // A step that is tried again reads again.
  reading.catch(() => subjects.delete(operation));
  return reading;
}

async function readSubject(ctx: Context, operation: OperationRecord): Promise<Subject> {
  const row = await selectTenants(ctx.control.db)
    .select('cells.lanes as cell_lanes')
    .where('tenants.id', '=', operation.tenant_id)
    .executeTakeFirst();
  if (!row) throw new TenantryError('TENANT_NOT_FOUND', 'The tenant of this operation is gone.');
  return row;
}

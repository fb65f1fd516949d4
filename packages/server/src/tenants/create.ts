import type { CreateTenant, TenantOperation } from '@tenantry/contract';
import { newTenantId } from '@tenantry/tenancy';
import { recordAll, type AuditEntry } from '../audit/record.ts';
import type { Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';
import { operationEvent } from '../operations/announce.ts';
import { createOperation, type Idempotency } from '../operations/create.ts';
import { findByIdempotency } from '../operations/idempotency.ts';
import { toOperation } from '../operations/rows.ts';
import { tenantEvent } from './change.ts';
import { refuseChangedMigrations } from './checksums.ts';
import type { TenantContext } from './context.ts';
import type { CurrentMigrations } from './migration-source.ts';
import { provisionSteps } from './provision.ts';
import { replay, type Replayable } from './replay.ts';
import { toTenant } from './rows.ts';
import { checkSlug } from './slug.ts';
import { slugConflict } from './slug-conflict.ts';
import { claimSpare } from './spares.ts';

/**
 * Reserves a tenant and starts its provisioning, or gives it a spare from the warm pool, in which case it is active when
 * this returns. Throws SLUG_*, CELL_NOT_FOUND, and the codes of loading migrations; then nothing was created.
 */
export async function createTenant(
  ctx: TenantContext,
  input: CreateTenant,
  idempotency?: Idempotency,
): Promise<Replayable<TenantOperation>> {
  const startedAt = new Date();
  const slug = checkSlug(input.slug);
  const earlier = await findByIdempotency(ctx, idempotency);
  if (earlier) return replay(ctx, earlier);
  const [cell, current] = await Promise.all([findCell(ctx, input.cell), usableMigrations(ctx)]);
  try {
    const result = await ctx.control.db
      .transaction()
      .execute((tx) => reserve(tx, ctx, { ...input, slug }, cell, current, startedAt, idempotency));
    ctx.events.wake();
    ctx.jobs.startSoon();
    ctx.jobs.replenishSoon();
    return { ...result, replayed: false };
  } catch (error) {
    const duplicate =
      isUniqueViolation(error, 'tenants_slug_key') || isUniqueViolation(error, 'operations_idempotency_idx');
    if (!duplicate) throw error;
    // Two requests with one key at the same moment: the second gets what the first started.
    const winner = await findByIdempotency(ctx, idempotency);
    if (winner) return replay(ctx, winner);
    throw await slugConflict(ctx, slug);
  }
}

async function usableMigrations(ctx: TenantContext): Promise<CurrentMigrations> {
  const current = await ctx.migrations.current();
  await refuseChangedMigrations(ctx, current);
  await ctx.migrations.register(ctx.control.db, current);
  return current;
}

interface CellRef {
  readonly id: string;
  readonly name: string;
}

async function findCell(ctx: TenantContext, name: string | undefined): Promise<CellRef> {
  const query = ctx.control.db.selectFrom('cells').select(['id', 'name']);
  const cell = await (
    name === undefined ? query.where('is_default', '=', true) : query.where('name', '=', name)
  ).executeTakeFirst();
  if (!cell)
    throw new TenantryError(
      'CELL_NOT_FOUND',
      `There is no cell "${name ?? 'default'}". "tenantry cell list" shows those there are.`,
    );
  return cell;
}

async function reserve(
  tx: Tx,
  ctx: TenantContext,
  input: CreateTenant,
  cell: CellRef,
  current: CurrentMigrations,
  startedAt: Date,
  idempotency: Idempotency | undefined,
): Promise<TenantOperation> {
  const spare = await claimSpare(tx, cell.id, current.id);
  const id = spare ?? newTenantId();
  const inserted = await tx
    .insertInto('tenants')
    .values({
      id,
      slug: input.slug,
      name: input.name ?? input.slug,
      state: spare ? 'active' : 'provisioning',
      plan: input.plan ?? 'standard',
      labels: JSON.stringify(input.labels ?? {}),
      cell_id: cell.id,
      schema_name: id,
      schema_version: spare ? current.set.schemaVersion : null,
      migration_set: spare ? current.id : null,
      activated_at: spare ? new Date() : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const tenant = toTenant({ ...inserted, cell_name: cell.name });
  const { operation, steps } = await createOperation(tx, ctx, {
    kind: 'tenant.provision',
    steps: spare ? [{ name: 'claim', title: 'Claim a spare schema from the warm pool' }] : provisionSteps,
    tenantId: id,
    tenantSlug: input.slug,
    input: { ...input, cell: cell.name },
    idempotency,
    ...(spare ? { done: { startedAt, detail: { migrationSet: current.id, warm: true } } } : {}),
  });
  if (!spare) await ctx.jobs.enqueueOperation(tx, operation.id);
  const target = { kind: 'tenant', id };
  const created: AuditEntry = { action: 'tenant.create', target, tenantId: id, after: tenant };
  const activated: AuditEntry = {
    action: 'tenant.activate',
    target,
    tenantId: id,
    after: { state: 'active', warm: true },
  };
  const events = [tenantEvent(tenant), operationEvent(operation)];
  await recordAll(tx, ctx, spare ? [created, activated] : [created], events);
  return { operation: toOperation(operation, steps), tenant };
}

import { newTenantId, randomBase32 } from '@tenantry/tenancy';
import { sql } from 'kysely';
import { newToken } from '../access/token.ts';
import type { Context } from '../db/context.ts';
import type { Tx } from '../db/database.ts';

/** A tenant that only the registry has, with a key of its own, to be attacked over HTTP. */
export interface HttpCanary {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly token: string;
  readonly operation: string;
}

export interface HttpCanaries {
  readonly tenants: readonly [HttpCanary, HttpCanary];
  /** Keys that have to be refused. */
  readonly refused: { readonly expired: string; readonly revoked: string };
}

/** Their keys end by themselves after this, whatever becomes of the run. */
const minutes = 15;
/** The plan by which they are found again: nobody can give it to a tenant, since no plan has parentheses. */
const plan = '(isolation)';
/** The label whose value is the run. */
const label = 'isolation-run';

/**
 * Two tenants without a schema, which no application is told of: rows that are there for the attacks of one run. They are `provisioning`,
 * so that nothing looks for their logins. Their keys are what a customer's portal would have.
 */
export async function plantHttpCanaries(ctx: Context, cellId: string, run: string): Promise<HttpCanaries> {
  return ctx.control.db.transaction().execute(async (tx) => {
    await removeHttpCanaries(tx);
    const [a, b] = [await plant(tx, ctx, cellId, run), await plant(tx, ctx, cellId, run)];
    const [expired, revoked] = [newToken(), newToken()];
    const past = new Date(ctx.clock().getTime() - 1000);
    await insertKey(tx, a.id, expired, { expires_at: past });
    await insertKey(tx, a.id, revoked, { revoked_at: past });
    return { tenants: [a, b], refused: { expired: expired.token, revoked: revoked.token } };
  });
}

/** Removes what is there of one run, or of all. */
export async function removeHttpCanaries(tx: Tx | Context['control']['db'], run?: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM tenantry.tenants
     WHERE state = 'provisioning' AND plan = ${plan} AND (${run ?? null}::text IS NULL OR labels ->> ${label} = ${run ?? null})`.execute(
    tx,
  );
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await tx.deleteFrom('api_keys').where('tenant_id', 'in', ids).execute();
  await tx.deleteFrom('operations').where('tenant_id', 'in', ids).execute();
  await tx.deleteFrom('tenants').where('id', 'in', ids).execute();
}

/** Removes what killed runs have left: canaries of runs whose operation is over, or is no more. */
export async function sweepHttpCanaries(ctx: Context): Promise<void> {
  const { rows } = await sql<{ run: string }>`
    SELECT DISTINCT t.labels ->> ${label} AS run FROM tenantry.tenants t
     WHERE t.state = 'provisioning' AND t.plan = ${plan}
       AND NOT EXISTS (SELECT FROM tenantry.isolation_runs r JOIN tenantry.operations o ON o.id = r.operation_id
                        WHERE r.id = t.labels ->> ${label} AND o.finished_at IS NULL)`.execute(
    ctx.control.db,
  );
  for (const { run } of rows) await removeHttpCanaries(ctx.control.db, run);
}

async function plant(tx: Tx, ctx: Context, cellId: string, run: string): Promise<HttpCanary> {
  const id = newTenantId();
  const slug = `isolation-${randomBase32(10)}`;
  const name = `Isolation canary ${randomBase32(16)}`;
  const operation = `op_${randomBase32(16)}`;
  const now = ctx.clock();
  await tx
    .insertInto('tenants')
    .values({
      id,
      slug,
      name,
      state: 'provisioning',
      state_reason: null,
      plan,
      labels: JSON.stringify({ [label]: run }),
      cell_id: cellId,
      schema_name: id,
      schema_version: null,
      migration_set: null,
    })
    .execute();
  await tx
    .insertInto('operations')
    .values({
      id: operation,
      kind: 'tenant.provision',
      state: 'succeeded',
      tenant_id: id,
      tenant_slug: slug,
      input: JSON.stringify({}),
      actor: JSON.stringify(ctx.actor),
      request_id: null,
      idempotency_key: null,
      request_hash: null,
      started_at: now,
      finished_at: now,
    })
    .execute();
  const key = newToken();
  await insertKey(tx, id, key, { expires_at: new Date(now.getTime() + minutes * 60_000) });
  return { id, slug, name, token: key.token, operation };
}

async function insertKey(
  tx: Tx,
  tenant: string,
  { id, hash }: ReturnType<typeof newToken>,
  ends: { readonly expires_at?: Date; readonly revoked_at?: Date },
): Promise<void> {
  await tx
    .insertInto('api_keys')
    .values({
      id,
      name: 'isolation canary',
      role: 'tenant',
      scopes: null,
      tenant_id: tenant,
      token_hash: hash,
      created_by: 'isolation',
      ...ends,
    })
    .execute();
}

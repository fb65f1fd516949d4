import type { PlaygroundResult, RunPlaygroundQuery } from '@tenantry/contract';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { throughGate } from './gate.ts';
import { runAsTenant } from './run-as-tenant.ts';
import { findSandbox } from './sandbox.ts';

/** Of the statement, in the audit trail. */
const mostNoted = 2_000;

/**
 * Runs a statement as a sandbox tenant and gives what PostgreSQL answers, rows or a refusal. Audited as playground.query. Throws
 * TENANT_NOT_FOUND, SANDBOX_ONLY, PLAYGROUND_BUSY, DATABASE_UNAVAILABLE.
 */
export async function runPlaygroundQuery(ctx: Context, input: RunPlaygroundQuery): Promise<PlaygroundResult> {
  const tenant = await findSandbox(ctx, input.tenant);
  const cell = await ctx.cells.get(tenant.cell_id);
  const started = performance.now();
  const answer = await throughGate(() =>
    runAsTenant(
      {
        cell,
        schema: tenant.schema_name,
        credentialKey: ctx.cells.credentialKey,
        credentialVersion: tenant.credential_version,
      },
      input.sql,
    ),
  );
  const ms = Math.round((performance.now() - started) * 10) / 10;
  const { refused, rows } = answer;
  await ctx.control.db.transaction().execute((tx) =>
    record(tx, ctx, {
      action: 'playground.query',
      target: { kind: 'tenant', id: tenant.id },
      tenantId: tenant.id,
      outcome: refused === null ? 'success' : refused.sqlState === '42501' ? 'denied' : 'failure',
      after: { sql: input.sql.slice(0, mostNoted), sqlState: refused?.sqlState ?? null, rows: rows.length },
    }),
  );
  ctx.events.wake();
  return {
    tenant: { id: tenant.id, slug: tenant.slug, schema: tenant.schema_name },
    login: tenant.schema_name,
    ...answer,
    ms,
  };
}

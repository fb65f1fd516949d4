import { sql } from 'kysely';
import { forecast, MigrateError, type ForecastFile } from '@tenantry/migrate';
import type { CreateTenant, MigrationLint, PlannedMigration, TenantPlan } from '@tenantry/contract';
import { TenantryError } from '../errors.ts';
import { problemOf } from './check-slug.ts';
import { refuseChangedMigrations } from './checksums.ts';
import type { TenantContext } from './context.ts';
import { lintMigrations } from './lint-migrations.ts';
import type { CurrentMigrations } from './migration-source.ts';
import { provisionSteps } from './provision.ts';
import { createRolesAndSchema } from './schema/build.ts';

/** Stands in the plan for the id that will be generated. */
const sampleId = 't_xxxxxxxxxxxx';
/** Stands where the verifier of the derived secret will: nobody has to see one. */
const hiddenVerifier = 'SCRAM-SHA-256$…';
/** Operations that the estimate is taken from. */
const recent = 50;

type Problem = TenantPlan['problems'][number];

const rollback = [
  'Roles, schema, privileges and every migration run in one transaction: when one of them fails, PostgreSQL removes all of it.',
  'Statements that PostgreSQL runs in no transaction follow the commit; when one of them fails, or the probe is not refused what it must be, schema and roles are dropped.',
  'The slug is free again, the audit trail says why, and the operation can be run again.',
];

/**
 * What the request for a tenant would do, without doing it. What stands in its way now is in `problems`, with the code that the request
 * would be answered with. Throws CELL_NOT_FOUND.
 */
export async function planTenant(ctx: TenantContext, input: CreateTenant): Promise<TenantPlan> {
  const cell = await findCell(ctx, input.cell);
  const problems: Problem[] = [];
  const note = (error: unknown) => problems.push(problemFrom(error));
  const slugProblem = await problemOf(ctx, input.slug);
  if (slugProblem) note(slugProblem);
  let current: CurrentMigrations | undefined;
  let lint: MigrationLint = { ok: true, findings: [] };
  let files: readonly ForecastFile[] = [];
  try {
    current = await ctx.migrations.current();
    await refuseChangedMigrations(ctx, current);
    lint = await lintMigrations(ctx);
    files = await forecast(current.set, {
      schema: sampleId,
      placeholders: ctx.migrations.placeholdersFor(sampleId),
    });
  } catch (error) {
    note(error);
  }
  for (const { severity, script, line, message } of lint.findings) {
    if (severity === 'error') problems.push({ code: 'MIGRATION_LINT', message, file: script, line });
  }
  const spares = current ? await countSpares(ctx, cell.id, current.id) : 0;
  const way = spares > 0 ? 'claim' : 'build';
  const leased = cell.lanes.includes('leased');
  return {
    ok: problems.length === 0,
    problems,
    slug: input.slug,
    cell: cell.name,
    sampleId,
    schema: sampleId,
    roles: [
      {
        role: `${sampleId}_owner`,
        login: false,
        meaning: 'Owns the schema and everything in it; migrations run as it',
      },
      {
        role: sampleId,
        login: true,
        meaning: 'What the application logs in as: reads and writes rows, owns nothing',
      },
    ],
    way,
    spares,
    steps:
      way === 'claim'
        ? [{ name: 'claim', title: 'Claim a spare schema from the warm pool', sql: null }]
        : provisionSteps.map(({ name, title }) => ({
            name,
            title,
            sql: name === 'build' ? unindent(createRolesAndSchema(sampleId, hiddenVerifier, leased)) : null,
          })),
    schemaVersion: current?.set.schemaVersion ?? null,
    migrations: files.map(planned),
    lint,
    estimate: await estimate(ctx, way),
    rollback,
  };
}

function problemFrom(error: unknown): Problem {
  if (!(error instanceof TenantryError || error instanceof MigrateError)) throw error;
  const { file, line } = error instanceof MigrateError ? error : error.detail;
  const { code, message } = error;
  return { code, message, ...(file ? { file } : {}), ...(line ? { line } : {}) };
}

async function findCell(ctx: TenantContext, name: string | undefined) {
  const query = ctx.control.db.selectFrom('cells').select(['id', 'name', 'lanes']);
  const cell = await (
    name === undefined ? query.where('is_default', '=', true) : query.where('name', '=', name)
  ).executeTakeFirst();
  if (!cell) throw new TenantryError('CELL_NOT_FOUND', `There is no cell "${name ?? 'default'}".`);
  return cell;
}

async function countSpares(ctx: TenantContext, cellId: string, migrationSet: string): Promise<number> {
  const row = await ctx.control.db
    .selectFrom('spares')
    .select((eb) => eb.fn.countAll<string>().as('ready'))
    .where('cell_id', '=', cellId)
    .where('migration_set', '=', migrationSet)
    .where('state', '=', 'ready')
    .executeTakeFirstOrThrow();
  return Number(row.ready);
}

/** How long operations that went the same way took, from the request to the end. */
async function estimate(ctx: TenantContext, way: TenantPlan['way']): Promise<TenantPlan['estimate']> {
  const { rows } = await sql<{ p50: number | null; p95: number | null; operations: number }>`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) AS p95, count(*)::int AS operations
      FROM (SELECT extract(epoch FROM o.finished_at - o.queued_at)::float8 * 1000 AS ms
              FROM tenantry.operations o
             WHERE o.kind = 'tenant.provision' AND o.state = 'succeeded'
               AND EXISTS (SELECT FROM tenantry.operation_steps s
                            WHERE s.operation_id = o.id AND s.name = ${way})
             ORDER BY o.created_at DESC LIMIT ${recent}) taken`.execute(ctx.control.db);
  const { p50, p95, operations } = rows[0]!;
  return p50 === null || p95 === null ? null : { p50, p95, operations };
}

function unindent(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^ {4}/, '').trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function planned({ migration, text, statements, deferred, checksum }: ForecastFile): PlannedMigration {
  const { kind, version, description, script } = migration;
  return { kind, version, description, script, checksum, statements, sql: text, afterCommit: deferred };
}

import { lintMigrations as lint } from '@tenantry/migrate';
import type { MigrationLint } from '@tenantry/contract';
import type { TenantContext } from './context.ts';

/** A schema name like every tenant's, for checks that need one before there is a tenant. */
const anySchema = 't_aaaaaaaaaaaa';

/** Checks the configured migrations against the rules of the default cell, without running them. */
export async function lintMigrations(ctx: TenantContext): Promise<MigrationLint> {
  const { set } = await ctx.migrations.current();
  const cell = await ctx.control.db
    .selectFrom('cells')
    .select('allowed_extensions')
    .where('is_default', '=', true)
    .executeTakeFirstOrThrow();
  const found = await lint(set, {
    schema: anySchema,
    placeholders: ctx.migrations.placeholdersFor(anySchema),
    allowedExtensions: cell.allowed_extensions,
    extensionsSchema: 'extensions',
  });
  const findings = found.map(({ rule, severity, script, line, message, instead }) => ({
    rule,
    severity,
    script,
    line,
    message,
    instead,
  }));
  return { ok: findings.every(({ severity }) => severity !== 'error'), findings };
}

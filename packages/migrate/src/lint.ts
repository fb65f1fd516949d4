import { MigrateError } from './errors.ts';
import { loadGrammar } from './grammar.ts';
import { HISTORY_TABLE } from './history.ts';
import { judgeFile } from './lint/judge.ts';
import type { LintFinding, LintSubject } from './lint/judge.ts';
import type { MigrationSet } from './load.ts';
import { DEFAULT_EXTENSIONS_SCHEMA } from './options.ts';
import type { ApplyOptions } from './options.ts';
import { placeholderValues } from './placeholders.ts';
import { maskedValues, prepareFile } from './prepare.ts';
import type { PreparedFile } from './prepare.ts';

/** What only a connection knows. */
export interface LintSession {
  readonly user: string;
  readonly database: string;
  readonly grantees: readonly string[];
}

/** Files made ready for a schema, and what the rules say about them. */
export interface PreparedSet {
  readonly files: readonly PreparedFile[];
  readonly findings: readonly LintFinding[];
}

/**
 * Checks migrations without a database: what would leave the schema, the role or the transaction.
 *
 * @throws MigrateError MIGRATION_PLACEHOLDER_MISSING, MIGRATION_SYNTAX
 * @example
 * ```ts
 * const findings = await lintMigrations(set, { schema: 't_abc' });
 * findings[0];  // { rule: 'hard-coded-schema', severity: 'error', script: 'V2__x.sql', line: 3, … }
 * ```
 */
export async function lintMigrations(
  set: MigrationSet,
  options: ApplyOptions,
): Promise<readonly LintFinding[]> {
  const { findings } = await prepareSet(set, options, null);
  return findings;
}

/** Puts values in place, parses what is not in the cache, and judges. */
export async function prepareSet(
  set: MigrationSet,
  options: ApplyOptions,
  session: LintSession | null,
): Promise<PreparedSet> {
  await loadGrammar();
  const defaults = {
    schema: options.schema,
    table: options.table ?? HISTORY_TABLE,
    user: session?.user ?? options.schema,
    database: session?.database ?? 'database',
  };
  const values = maskedValues(placeholderValues(defaults, options.placeholders ?? {}), options.schema);
  const subject: LintSubject = {
    schema: options.schema,
    mask: values.mask,
    extensionsSchema: options.extensionsSchema ?? DEFAULT_EXTENSIONS_SCHEMA,
    allowedExtensions: new Set(options.allowedExtensions),
    owner: session?.user ?? null,
    grantees: new Set([...(options.roles ?? []), ...(session?.grantees ?? [])]),
    contained: true,
  };
  const files = set.migrations.map((migration) => prepareFile(migration, values));
  return { files, findings: files.flatMap((file) => judgeFile(file, subject)) };
}

/** Throws the first error-level finding. */
export function refuseFindings(findings: readonly LintFinding[]): void {
  const finding = findings.find(({ severity }) => severity === 'error');
  if (finding === undefined) return;
  const code = finding.rule === 'hard-coded-schema' ? 'MIGRATION_NOT_CONTAINED' : 'MIGRATION_LINT';
  throw new MigrateError(code, finding.message, {
    file: finding.script,
    line: finding.line,
    statement: finding.statement,
    rule: finding.rule,
    hint: finding.instead,
  });
}

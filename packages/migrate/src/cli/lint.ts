import { info } from '../commands/info.ts';
import { findRule } from '../lint/catalog.ts';
import type { RuleCode } from '../lint/catalog.ts';
import { lintFiles } from '../lint/files.ts';
import type { LintFile, LintFilesOptions, LintReport } from '../lint/options.ts';
import { toLintJson } from '../lint/output/json.ts';
import { toSarif } from '../lint/output/sarif.ts';
import { toLintTable } from '../lint/output/table.ts';
import type { FindingSeverity } from '../lint/rule.ts';
import { replacePlaceholders } from '../resolve/placeholders.ts';
import type { PlaceholderContext } from '../resolve/placeholders.ts';
import { resolveMigrations } from '../resolve/resolve.ts';
import type { Resolution, ResolvedCallback, ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { exitCodes, UsageError } from './failure.ts';
import { logTo } from './log.ts';
import { printable } from './output.ts';
import type { Outcome, Run } from './run.ts';

/** `lint`: fails where a finding is as severe as `--fail-on` says. */
export async function runLint(run: Run): Promise<Outcome> {
  const { out, options, configuration } = run;
  const { settings } = configuration;
  const format = oneOf('--format', options.format ?? (out.json ? 'json' : 'table'), [
    'table',
    'json',
    'sarif',
  ]);
  const failOn = oneOf('--fail-on', options.failOn ?? 'error', ['error', 'warning', 'info', 'never']);
  const more = ruleOptions(run);
  const schemas = schemasOf(settings);
  const context = contextOf(settings, schemas[0] ?? 'public');
  const resolution = await resolveMigrations(settings, context);
  for (const line of resolution.logs) out.trace(line);
  const files = lintFilesOf(resolution, settings, context);
  const applied = options.pending ? await appliedScripts(run) : undefined;
  const report = await lintFiles(files, {
    schemas,
    mixed: settings.mixed,
    ...more,
    ...(applied && { applied }),
  });
  const document =
    format === 'sarif' ? toSarif(report, { root: settings.workingDirectory }) : toLintJson(report);
  if (!out.json) {
    if (format === 'table') out.print(printable(toLintTable(report).trimEnd()));
    else out.document({ ...document });
  }
  return { exitCode: fails(report, failOn) ? exitCodes.failed : exitCodes.ok, document: { ...document } };
}

const severities: readonly FindingSeverity[] = ['error', 'warning', 'info'];

function fails({ findings }: LintReport, failOn: FindingSeverity | 'never'): boolean {
  if (failOn === 'never') return false;
  const counted = severities.slice(0, severities.indexOf(failOn) + 1);
  return findings.some(({ severity, suppression }) => suppression === null && counted.includes(severity));
}

function oneOf<const T extends string>(flag: string, value: string, words: readonly T[]): T {
  const word = words.find((known) => known === value);
  if (word === undefined) throw new UsageError(`${flag} must be ${words.join(', ')}, not "${value}".`);
  return word;
}

function ruleOptions({ options }: Run): Pick<LintFilesOptions, 'rules' | 'style' | 'allowedExtensions'> {
  const names = (text: string | undefined) =>
    (text ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const rules: Partial<Record<RuleCode, FindingSeverity | 'off'>> = {};
  for (const pair of names(options.rules)) {
    const [code = '', severity = ''] = pair.split('=');
    const rule = findRule(code);
    if (rule === undefined)
      throw new UsageError(`There is no rule "${code}".`, 'docs/migrate/lint.md lists them.');
    rules[rule.code] = oneOf(`--rules ${code}`, severity, [...severities, 'off']);
  }
  return { rules, style: options.style === 'true', allowedExtensions: names(options.extensions) };
}

/** Where no schema is named, the files run in the connection's own, which is `public` for nearly everybody. */
function schemasOf({ schemas, defaultSchema }: MigrateSettings): readonly string[] {
  const named = [...new Set([...(defaultSchema === null ? [] : [defaultSchema]), ...schemas])];
  return named.length === 0 ? ['public'] : named;
}

function contextOf({ table }: MigrateSettings, schema: string): PlaceholderContext {
  return { schema, user: 'owner', database: 'database', table };
}

function lintFilesOf(
  { migrations, undo, callbacks }: Resolution,
  settings: MigrateSettings,
  context: PlaceholderContext,
): readonly LintFile[] {
  const fileOf = (file: ResolvedMigration | ResolvedCallback): Omit<LintFile, 'kind' | 'version'> => {
    const { script, path, sql: source, config } = file;
    const sql = config.placeholderReplacement
      ? replacePlaceholders(source, { path, script }, settings, context)
      : source;
    return { script, path, source, sql, inTransaction: config.executeInTransaction };
  };
  return [
    ...[...migrations, ...undo].map((file) =>
      Object.assign({ kind: file.kind, version: file.version }, fileOf(file)),
    ),
    ...callbacks.map((file) => Object.assign({ kind: 'callback' as const, version: null }, fileOf(file))),
  ];
}

/** The scripts that the history says were applied, and whose files are as they were then. */
async function appliedScripts({ out, configuration, connection }: Run): Promise<readonly string[]> {
  const { list } = await info(await connection(), configuration.settings, logTo(out));
  const pending = new Set(list.pending().map(({ script }) => script));
  return list
    .applied()
    .flatMap(({ resolved }) =>
      resolved === undefined || pending.has(resolved.script) ? [] : [resolved.script],
    );
}

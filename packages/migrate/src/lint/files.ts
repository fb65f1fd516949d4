import { loadGrammar } from '../grammar.ts';
import { DEFAULT_EXTENSIONS_SCHEMA } from '../options.ts';
import { compareVersions } from '../version.ts';
import { ruleOf } from './catalog.ts';
import type { Rule } from './catalog.ts';
import { readComments } from './comments.ts';
import { judgeText } from './file.ts';
import type { JudgedFile, RawFinding } from './file.ts';
import { regionFinder } from './finding.ts';
import type { Finding } from './finding.ts';
import type { LintSubject } from './judge.ts';
import type { LintFile, LintFilesOptions, LintReport } from './options.ts';
import type { FindingSeverity } from './rule.ts';
import { World } from './world/world.ts';

const STATEMENT_LENGTH = 200;

/**
 * Lints files in the order in which they run: what would leave the schema, stop an application, or break its previous
 * version. Nothing is connected to and nothing is run; a file that is not SQL is a finding of the rule `syntax`.
 *
 * @example
 * ```ts
 * const { ok, findings } = await lintFiles(set.migrations, { schemas: ['app'], appliedUpTo: '12' });
 * findings[0];  // { rule: 'index-blocks-writes', severity: 'warning', lock: 'SHARE', script: 'V13__x.sql', line: 3, … }
 * ```
 */
export async function lintFiles(files: readonly LintFile[], options: LintFilesOptions): Promise<LintReport> {
  await loadGrammar();
  const world = new World(options.schemas[0] ?? null);
  const subject = subjectOf(options);
  const found = new Map<LintFile, readonly Finding[]>();
  const ordered = inOrder(files, appliedIn(options));
  const known = options.appliedUpTo !== undefined || options.applied !== undefined;
  const firstPending = ordered.findIndex(({ applied }) => !applied);
  for (const [ordinal, { file, applied }] of ordered.entries()) {
    const ownRun = !known || file.kind === 'undo' || file.kind === 'callback';
    world.enter(ordinal, ownRun ? ordinal : firstPending);
    const judged = judgeText(file, world, subject, options.mixed ?? false);
    if (!applied) found.set(file, finish(file, judged, options));
  }
  const findings = files.flatMap((file) => found.get(file) ?? []);
  const ok = findings.every(({ severity, suppression }) => severity !== 'error' || suppression !== null);
  return { ok, files: found.size, findings };
}

function subjectOf(options: LintFilesOptions): LintSubject {
  return {
    schema: options.schemas[0] ?? '',
    mask: null,
    otherSchemas: new Set(options.schemas),
    extensionsSchema: options.extensionsSchema ?? DEFAULT_EXTENSIONS_SCHEMA,
    allowedExtensions: new Set(options.allowedExtensions),
    owner: options.owner ?? null,
    grantees: new Set(options.roles),
  };
}

/** Applied files first, so that one that came late does not take their tables for new; undo and callbacks last. */
function inOrder(files: readonly LintFile[], isApplied: (file: LintFile) => boolean) {
  const rank = (file: LintFile, applied: boolean) => {
    if (applied) return 0;
    return file.kind === 'undo' || file.kind === 'callback' ? 2 : 1;
  };
  return files
    .map((file) => ({ file, applied: isApplied(file) }))
    .toSorted((a, b) => rank(a.file, a.applied) - rank(b.file, b.applied));
}

function appliedIn({ applied, appliedUpTo }: LintFilesOptions): (file: LintFile) => boolean {
  if (applied !== undefined) {
    const scripts = new Set(applied);
    return ({ kind, script }) => kind !== 'undo' && kind !== 'callback' && scripts.has(script);
  }
  if (appliedUpTo === undefined || appliedUpTo === null) return () => false;
  return ({ kind, version }) =>
    version !== null &&
    (kind === 'versioned' || kind === 'baseline') &&
    compareVersions(version, appliedUpTo) <= 0;
}

/** Weighs, places and, where a comment says so, switches off. */
function finish(file: LintFile, judged: JudgedFile, options: LintFilesOptions): readonly Finding[] {
  const { statements } = judged;
  const allowances = readComments(file.sql, statements);
  const regionOf = regionFinder(file.sql, file.source, statements);
  const finished = new Map<string, Finding>();
  const add = ({ rule: code, severity: usual, message, instead, place }: RawFinding): void => {
    const rule = ruleOf(code);
    const severity = severityOf(rule, usual, options);
    const key = `${code} ${place.line} ${message}`;
    if (severity === null || finished.has(key)) return;
    const statement = statements[place.statement];
    finished.set(key, {
      rule: code,
      severity,
      category: rule.category,
      lock: rule.lock,
      script: file.script,
      path: file.path ?? file.script,
      line: place.line,
      region: regionOf(place),
      message,
      instead,
      statement: file.sql.slice(statement?.start ?? 0, statement?.end ?? 0).slice(0, STATEMENT_LENGTH),
      suppression: canSwitchOff(rule, options) ? allowances.take(code, place.statement) : null,
    });
  };
  for (const raw of judged.findings) add(raw);
  for (const raw of allowances.findings((rule) => canSwitchOff(rule, options))) add(raw);
  return [...finished.values()].toSorted((a, b) => a.line - b.line || columnOf(a) - columnOf(b));
}

function columnOf({ region }: Finding): number {
  return region?.column ?? 0;
}

function severityOf(
  rule: Rule,
  usual: FindingSeverity,
  { rules, style }: LintFilesOptions,
): FindingSeverity | null {
  const said = rules?.[rule.code];
  if (said === 'off') return null;
  if (said !== undefined) return said;
  return rule.category === 'style' && style !== true ? null : usual;
}

function canSwitchOff({ category }: Rule, { allowSuppression }: LintFilesOptions): boolean {
  if (category === 'file') return false;
  return allowSuppression !== false || (category !== 'isolation' && category !== 'security');
}

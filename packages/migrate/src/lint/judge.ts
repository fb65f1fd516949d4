import type { Migration } from '../load.ts';
import type { PreparedFile } from '../prepare.ts';
import type { LintRule, LintSeverity, Observation } from './observation.ts';

/** One thing a rule has to say about a file. */
export interface LintFinding {
  readonly rule: LintRule;
  readonly severity: LintSeverity;
  readonly script: string;
  readonly line: number;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
  /** The first 200 characters of the statement. */
  readonly statement: string;
}

/** What names are judged against. */
export interface LintSubject {
  readonly schema: string;
  readonly mask: string | null;
  /** Further schemas that are the file's own, as Flyway's `schemas` beside the first. */
  readonly otherSchemas?: ReadonlySet<string>;
  readonly extensionsSchema: string;
  readonly allowedExtensions: ReadonlySet<string>;
  /** The schema's owner; null where it is not known. */
  readonly owner: string | null;
  /** Roles besides the owner that may be granted something. */
  readonly grantees: ReadonlySet<string>;
  /**
   * Nothing may leave the schema's owner, so a function that does is refused, too: any statement of the same run can call
   * it, and the session is that of a role which may do more.
   */
  readonly contained?: boolean;
}

const ALWAYS_READABLE = new Set(['pg_catalog', 'information_schema', 'pg_temp']);

/** Judges what was observed in a file against one schema. */
export function judgeFile(file: PreparedFile, subject: LintSubject): readonly LintFinding[] {
  const findings = new Map<string, LintFinding>();
  for (const observation of file.compiled.observations) {
    const verdict = judgeObservation(observation, subject);
    if (verdict === null) continue;
    const finding = place(verdict, observation, file, file.migration);
    findings.set(`${finding.rule} ${finding.line} ${finding.message}`, finding);
  }
  return [...findings.values()].toSorted((a, b) => a.line - b.line);
}

/** What a rule says of an observation. */
export interface Judgement {
  readonly rule: LintRule;
  readonly severity: LintSeverity;
  readonly message: string;
  readonly instead: string;
}

function place(judgement: Judgement, at: Observation, file: PreparedFile, migration: Migration): LintFinding {
  const statement = file.compiled.statements[at.statement];
  const source = statement === undefined ? '' : file.text.slice(statement.start, statement.end);
  const { rule, severity, message, instead } = judgement;
  return {
    rule,
    severity,
    script: migration.script,
    line: at.line,
    message,
    instead,
    statement: source.slice(0, 200),
  };
}

/** Judges one observation against one schema; null where nothing is wrong. */
export function judgeObservation(observation: Observation, subject: LintSubject): Judgement | null {
  const judgement = judge(observation, subject);
  if (judgement === null || observation.later !== true || subject.contained === true) return judgement;
  return { ...judgement, severity: 'warning' };
}

function judge(observation: Observation, subject: LintSubject): Judgement | null {
  switch (observation.kind) {
    case 'verdict':
      return observation;
    case 'schema':
      return judgeSchema(observation.name, subject);
    case 'role':
      return judgeRole(observation.name, observation.use, subject);
    case 'extension':
      return judgeExtension(observation.name, subject);
  }
}

function unmask(name: string, { mask, schema }: LintSubject): string {
  return mask === null ? name : name.replaceAll(mask, schema);
}

function judgeSchema(masked: string, subject: LintSubject): Judgement | null {
  const name = unmask(masked, subject);
  if (name === subject.schema || name === subject.extensionsSchema || ALWAYS_READABLE.has(name)) return null;
  if (subject.otherSchemas?.has(name) === true) return null;
  return {
    rule: 'hard-coded-schema',
    severity: 'error',
    message: `the schema "${name}" is hard-coded`,
    instead: 'Leave the schema out (search_path names it), or write ${flyway:defaultSchema}.',
  };
}

function judgeRole(masked: string, use: 'owner' | 'grant', subject: LintSubject): Judgement | null {
  const name = unmask(masked, subject);
  if (name === subject.owner) return null;
  if (use === 'grant' && subject.grantees.has(name)) return null;
  const who = name === 'public' ? 'PUBLIC' : `the role "${name}"`;
  return {
    rule: use,
    severity: 'error',
    message:
      use === 'owner' ? `an object is given to ${who}` : `a privilege is given to or taken from ${who}`,
    instead:
      'Remove it: the schema’s owner owns its objects, and default privileges give its users what they need.',
  };
}

function judgeExtension(
  name: string,
  { allowedExtensions, extensionsSchema }: LintSubject,
): Judgement | null {
  if (allowedExtensions.has(name)) return null;
  return {
    rule: 'extension',
    severity: 'error',
    message: `the extension "${name}" is not allowed`,
    instead: `Add it to allowedExtensions and have an administrator create it in the schema "${extensionsSchema}".`,
  };
}

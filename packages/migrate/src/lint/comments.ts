import { lineIndex } from '../positions.ts';
import type { TreeStatement } from '../split.ts';
import { findRule, ruleOf } from './catalog.ts';
import type { Rule, RuleCode } from './catalog.ts';
import type { RawFinding } from './file.ts';
import type { Suppression } from './finding.ts';
import type { Place } from './observation.ts';

interface Allowance {
  readonly rule: Rule;
  readonly reason: string;
  /** Index of the statement; null for the file. */
  readonly statement: number | null;
  readonly place: Place;
}

interface BadComment {
  readonly rule: 'allow-malformed' | 'allow-without-reason' | 'allow-unknown-rule' | 'allow-unused';
  readonly message: string;
  readonly place: Place;
}

/** The comments of a file that switch rules off. */
export interface Allowances {
  /** The comment that switches a rule off for a statement, which it then has been of use for; null where there is none. */
  take(code: RuleCode, statement: number): Suppression | null;
  /** What is wrong with the comments, the unused ones included: asked for when all findings have been offered. */
  findings(canSwitchOff: (rule: Rule) => boolean): readonly RawFinding[];
}

const COMMENT = /--[ \t]*tenantry-lint:[ \t]*([^\r\n]*)/g;
const ALLOW = /^(allow|allow-file)\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?:reason:\s*(.*))?$/;

/**
 * Reads the comments `-- tenantry-lint: allow <rule>[, <rule>] reason: <text>`. One belongs to the statement that it
 * stands in, else to the one that ends before it on its line, else to the next one; `allow-file` to all of them.
 */
export function readComments(text: string, statements: readonly TreeStatement[]): Allowances {
  const allowances: Allowance[] = [];
  const bad: BadComment[] = [];
  if (text.includes('tenantry-lint:')) parseComments(text, statements, allowances, bad);
  const used = new Set<Allowance>();
  return {
    take(code, statement) {
      const allowed = allowances.filter(({ rule }) => rule.code === code);
      const allowance =
        allowed.find((one) => one.statement === statement) ?? allowed.find((one) => one.statement === null);
      if (allowance === undefined) return null;
      used.add(allowance);
      const scope = allowance.statement === null ? 'file' : 'statement';
      return { reason: allowance.reason, line: allowance.place.line, scope };
    },
    findings(canSwitchOff) {
      const unused = allowances.filter((allowance) => !used.has(allowance));
      return [...bad, ...unused.map((allowance) => unusedComment(allowance, canSwitchOff))].map(asFinding);
    },
  };
}

function unusedComment({ rule, place }: Allowance, canSwitchOff: (rule: Rule) => boolean): BadComment {
  const why = canSwitchOff(rule) ? 'finds nothing here' : 'cannot be switched off here';
  return { rule: 'allow-unused', message: `"${rule.code}" ${why}`, place };
}

function asFinding({ rule, message, place }: BadComment): RawFinding {
  const { severity, instead } = ruleOf(rule);
  return { rule, severity, message, instead, place };
}

function parseComments(
  text: string,
  statements: readonly TreeStatement[],
  allowances: Allowance[],
  bad: BadComment[],
): void {
  const lineOf = lineIndex(text);
  for (const match of text.matchAll(COMMENT)) {
    const offset = match.index;
    if (statements.some(({ copy }) => copy !== null && copy.start <= offset && offset < copy.end)) continue;
    const place = { line: lineOf(offset), offset, statement: -1 };
    const [, word, rules = '', reason = ''] = ALLOW.exec((match[1] ?? '').trim()) ?? [];
    if (word === undefined) {
      bad.push({ rule: 'allow-malformed', message: `"${match[0]}" is not understood`, place });
      continue;
    }
    const statement = word === 'allow-file' ? null : statementOf(offset, text, statements);
    for (const code of rules.split(/\s*,\s*/)) {
      const rule = findRule(code);
      if (rule === undefined || rule.category === 'file') {
        const why = rule === undefined ? `there is no rule "${code}"` : `"${code}" cannot be switched off`;
        bad.push({ rule: 'allow-unknown-rule', message: why, place });
      } else if (reason === '') {
        bad.push({
          rule: 'allow-without-reason',
          message: `"${code}" is switched off without a reason`,
          place,
        });
      } else {
        allowances.push({ rule, reason, statement, place });
      }
    }
  }
}

/** -1 where no statement is left for the comment. */
function statementOf(offset: number, text: string, statements: readonly TreeStatement[]): number {
  const before = statements.findLastIndex(({ end }) => end <= offset);
  const behind = statements[before];
  if (behind !== undefined && /^[ \t]*;?[ \t]*$/.test(text.slice(behind.end, offset))) return before;
  return statements.findIndex(({ end }) => end > offset);
}

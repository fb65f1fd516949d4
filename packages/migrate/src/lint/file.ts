import { GrammarError } from '../grammar.ts';
import { lineIndex } from '../positions.ts';
import { splitTree } from '../split.ts';
import type { TreeStatement } from '../split.ts';
import { actsOf } from './acts.ts';
import type { Act } from './acts.ts';
import type { Body } from './bodies.ts';
import { ruleOf } from './catalog.ts';
import type { RuleCode } from './catalog.ts';
import { sceneOf } from './checks/scene.ts';
import { LEAVING_CALL, reportCalls } from './checks/security.ts';
import { checkStatement } from './checks/statement.ts';
import { checkTransactions } from './checks/transactions.ts';
import { judgeObservation } from './judge.ts';
import type { LintSubject } from './judge.ts';
import type { Place } from './observation.ts';
import { observeScript } from './observe.ts';
import type { LintFile } from './options.ts';
import type { FindingSeverity } from './rule.ts';
import { location } from './tree.ts';
import type { World } from './world/world.ts';

/** A finding before it is placed in its file and weighed. */
export interface RawFinding {
  readonly rule: RuleCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly instead: string;
  readonly place: Place;
}

/** A file as it is parsed, and what its rules say. */
export interface JudgedFile {
  readonly statements: readonly TreeStatement[];
  readonly findings: readonly RawFinding[];
}

type Say = (rule: RuleCode, message: string, place: Place) => void;

/** Reads and judges one file, and notes in `world` what it makes. The grammar must be loaded. */
export function judgeText(file: LintFile, world: World, subject: LintSubject, mixed: boolean): JudgedFile {
  const findings: RawFinding[] = [];
  const say: Say = (rule, message, place) => {
    const { severity, instead } = ruleOf(rule);
    findings.push({ rule, severity, message, instead, place });
  };
  const lineOf = lineIndex(file.sql);
  const statements = splitOrSay(file.sql, lineOf, say);
  if (statements === null) return { statements: [], findings };
  const { observations, bodies } = observeScript(statements, file.sql, lineOf);
  for (const observation of observations) {
    const verdict = judgeObservation(observation, subject);
    if (verdict !== null) findings.push({ ...verdict, place: observation });
  }
  const acts = actsOf(statements, bodies, lineOf);
  judgeActs(file, acts, world, say);
  judgeBodies(statements, bodies, say);
  const running = { inTransaction: file.inTransaction ?? true, mixed };
  checkTransactions(acts, running, (rule, message, act) => say(rule, message, act.place(null)));
  return { statements, findings };
}

function splitOrSay(
  sql: string,
  lineOf: (offset: number) => number,
  say: Say,
): readonly TreeStatement[] | null {
  try {
    return splitTree(sql);
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    say('syntax', error.message, { line: lineOf(error.offset), offset: error.offset, statement: -1 });
    return null;
  }
}

function judgeActs(file: LintFile, acts: readonly Act[], world: World, say: Say): void {
  const scene = sceneOf(file.kind, acts, world);
  const calls = LEAVING_CALL.test(file.sql);
  for (const act of acts) {
    checkStatement({
      act,
      world,
      file: scene,
      report: (rule, message, at = null) => say(rule, message, act.place(at)),
    });
    if (calls) reportCalls(act.tree, (rule, message, call) => say(rule, message, act.place(location(call))));
  }
}

/** Calls in a function that runs later. */
function judgeBodies(
  statements: readonly TreeStatement[],
  bodies: ReadonlyMap<number, Body>,
  say: Say,
): void {
  for (const [index, body] of bodies) {
    if (body.runs || statements[index] === undefined) continue;
    const at = (line: number): Place => ({ line, offset: null, statement: index });
    for (const { statement, line } of body.statements) {
      reportCalls(statement.tree, (rule, message, call) => say(rule, message, at(line(location(call)))));
    }
  }
}

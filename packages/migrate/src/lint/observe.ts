import type { TreeStatement } from '../split.ts';
import { readBody } from './bodies.ts';
import type { Body } from './bodies.ts';
import { isolationRules } from './catalog/isolation.ts';
import { leavesBy } from './checks/security.ts';
import { refuse, warn } from './observation.ts';
import type { Observation, Report, Sighting } from './observation.ts';
import { reportSchemas } from './schemas.ts';
import { reportSession } from './session.ts';
import { reportRoles, reportStatement } from './statements.ts';

/** What one file's statements say, and where the bodies of its DO blocks begin. */
export interface FileObservations {
  readonly observations: readonly Observation[];
  /** Line of the body of a DO block or function by the index of its statement. */
  readonly bodyLines: ReadonlyMap<number, number>;
  /** The bodies themselves, by the index of their statement. */
  readonly bodies: ReadonlyMap<number, Body>;
}

/** Reads every statement of a script once and notes all that a rule could care for. */
export function observeScript(
  statements: readonly TreeStatement[],
  script: string,
  lineOf: (offset: number) => number,
): FileObservations {
  const observations: Observation[] = [];
  const bodyLines = new Map<number, number>();
  const bodies = new Map<number, Body>();
  for (const [index, statement] of statements.entries()) {
    const emit: Emit = (sighting, line, offset = null, later = false) => {
      const place = { line, offset, statement: index };
      observations.push(later ? { ...sighting, ...place, later } : { ...sighting, ...place });
    };
    const report: Report = (sighting, at) => {
      const offset = at === null ? statement.start : statement.toIndex(at);
      emit(sighting, lineOf(offset), offset);
    };
    reportStatement(statement.tree, statement.node, report);
    reportRoles(statement.tree, statement.node, report);
    reportSession(statement.tree, statement.node, report);
    reportSchemas(statement.tree, statement.node, report);
    const body = readBody(statement, script, lineOf);
    if (body === null) continue;
    bodyLines.set(index, body.line);
    bodies.set(index, body);
    observeBody(body, emit);
  }
  observations.push(...transactionObservations(statements));
  return { observations, bodyLines, bodies };
}

type Emit = (sighting: Sighting, line: number, offset?: number | null, later?: boolean) => void;

function observeBody(body: Body, emit: Emit): void {
  const later = !body.runs;
  for (const { sighting, line } of body.sightings) emit(sighting, line);
  for (const { statement, line } of body.statements) {
    const report: Report = (sighting, at) => emit(sighting, line(at), null, later);
    reportSchemas(statement.tree, statement.node, (sighting, at) => emit(sighting, line(at)));
    const say = later ? onlyRefused(report) : report;
    reportStatement(statement.tree, statement.node, say);
    reportRoles(statement.tree, statement.node, say);
    reportSession(statement.tree, statement.node, later ? leniently(report) : report);
  }
  for (const { expression, line } of body.dynamic) {
    const rule = leavesBy(expression.tree);
    if (rule === null) continue;
    const what = rule === 'session-role' ? 'the role' : 'search_path';
    const text = `EXECUTE of a text that changes ${what}`;
    emit(refuse(rule, text, isolationRules[rule].instead), line, null, later);
  }
}

/** What is only odd in a migration is what functions are for: a trigger that notifies, for one. */
function onlyRefused(report: Report): Report {
  return (sighting, at) => {
    if (sighting.kind !== 'verdict' || sighting.severity === 'error') report(sighting, at);
  };
}

/** Rules about how the rest of the file is read, which a function that runs later has no part in. */
const OF_THE_FILE: ReadonlySet<string> = new Set(['session-setting', 'transaction-control']);

function leniently(report: Report): Report {
  return (sighting, at) => {
    const odd = sighting.kind === 'verdict' && OF_THE_FILE.has(sighting.rule);
    report(odd ? { ...sighting, severity: 'warning' } : sighting, at);
  };
}

/** True where BEGIN is the first and COMMIT the last statement and nothing else speaks of transactions. */
export function isWrapped(statements: readonly TreeStatement[]): boolean {
  const transactional = statements.filter((s) => s.node === 'TransactionStmt');
  const [first, last] = transactional;
  return (
    transactional.length === 2 &&
    first === statements[0] &&
    last === statements.at(-1) &&
    (first?.tree['kind'] === 'TRANS_STMT_BEGIN' || first?.tree['kind'] === 'TRANS_STMT_START') &&
    first.tree['options'] === undefined &&
    last?.tree['kind'] === 'TRANS_STMT_COMMIT' &&
    last.tree['chain'] !== true
  );
}

function transactionObservations(statements: readonly TreeStatement[]): readonly Observation[] {
  const wrapped = isWrapped(statements);
  return statements.flatMap((statement, index) => {
    if (statement.node !== 'TransactionStmt') return [];
    const place = { line: statement.line, offset: statement.start, statement: index };
    const word = statement.sql.split(/\s/, 1)[0]?.toUpperCase() ?? '';
    const remove = 'Remove it: all migrations run in one transaction, which the caller ends.';
    // Around a whole file the pair says what happens anyway, and real projects write it.
    if (wrapped)
      return [
        { ...warn('transaction-wrapper', `${word} around the whole file has no effect`, remove), ...place },
      ];
    return [{ ...refuse('transaction-control', `${word} inside a migration`, remove), ...place }];
  });
}

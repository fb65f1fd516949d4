import { parsePlpgsql, parseText } from '../grammar.ts';
import type { ParsedStatement, Tree } from '../grammar.ts';
import type { TreeStatement } from '../split.ts';
import { refuse } from './observation.ts';
import type { Sighting } from './observation.ts';
import { schemaInText } from './schemas.ts';
import { inside, names, option, text } from './tree.ts';

/** A statement found in a body, and the line of the script it stands on. */
export interface BodyStatement {
  readonly statement: ParsedStatement;
  readonly line: (location: number | null) => number;
}

/** What the body of a function or a DO block holds. */
export interface Body {
  /** True for DO, which runs now; a function runs later and as its caller wills. */
  readonly runs: boolean;
  /** Line of the script on which the body begins. */
  readonly line: number;
  readonly statements: readonly BodyStatement[];
  readonly sightings: readonly { readonly sighting: Sighting; readonly line: number }[];
  /** What `EXECUTE` is given: an expression whose constants are the text that will run, or begin it. */
  readonly dynamic: readonly DynamicSql[];
}

/** The expression behind an `EXECUTE` of PL/pgSQL, as a SELECT of it. */
export interface DynamicSql {
  readonly expression: ParsedStatement;
  readonly line: number;
}

const PLPGSQL_STATEMENT = 0;
const PLPGSQL_EXPRESSION = 2;

/** Looks into the body of `CREATE FUNCTION` and `DO`; null where there is none or its language is another one. */
export function readBody(
  statement: TreeStatement,
  script: string,
  lineOf: (offset: number) => number,
): Body | null {
  if (statement.node !== 'CreateFunctionStmt' && statement.node !== 'DoStmt') return null;
  const runs = statement.node === 'DoStmt';
  const options = statement.tree[runs ? 'args' : 'options'];
  const as = option(options, 'as');
  const source = bodyText(as);
  if (as === undefined || source === undefined) return null;
  const from = statement.toIndex(typeof as['location'] === 'number' ? as['location'] : 0);
  // Found by its text, so a body in plain quotes with doubled quotes begins, for us, at its first character's line.
  const found = script.indexOf(source, from);
  const line = lineOf(found < 0 ? from : found);
  const language =
    text(inside(option(options, 'language')?.['arg'], 'String')?.['sval'])?.toLowerCase() ?? 'plpgsql';
  if (language === 'sql')
    return { runs, line, statements: sqlStatements(source, line), sightings: [], dynamic: [] };
  if (language === 'plpgsql') return { runs, line, ...plpgsqlStatements(statement.sql, line, runs) };
  return { runs, line, statements: [], sightings: [], dynamic: [] };
}

function bodyText(as: Tree | undefined): string | undefined {
  const list = inside(as?.['arg'], 'List');
  return list === undefined ? text(inside(as?.['arg'], 'String')?.['sval']) : names(list['items'])[0];
}

function sqlStatements(source: string, firstLine: number): readonly BodyStatement[] {
  const { statements, toIndex } = parseOrNothing(source);
  const newlines = (to: number) => source.slice(0, to).split('\n').length - 1;
  return statements.map((statement) => ({
    statement,
    line: (at) => firstLine + newlines(at === null ? statement.start : toIndex(at)),
  }));
}

function parseOrNothing(source: string): ReturnType<typeof parseText> {
  try {
    return parseText(source);
  } catch {
    return { statements: [], toIndex: (byte) => byte };
  }
}

function plpgsqlStatements(
  statement: string,
  firstLine: number,
  runs: boolean,
): Pick<Body, 'statements' | 'sightings' | 'dynamic'> {
  const statements: BodyStatement[] = [];
  const sightings: { sighting: Sighting; line: number }[] = [];
  const dynamic: DynamicSql[] = [];
  const visit = (part: unknown, lineBefore: number, name: string): void => {
    if (Array.isArray(part)) return part.forEach((item) => visit(item, lineBefore, name));
    if (typeof part !== 'object' || part === null) return undefined;
    const node = part as Tree;
    const line = typeof node['lineno'] === 'number' ? firstLine + node['lineno'] - 1 : lineBefore;
    if (runs && (name === 'PLpgSQL_stmt_commit' || name === 'PLpgSQL_stmt_rollback')) {
      sightings.push({
        sighting: refuse('transaction-control', 'COMMIT or ROLLBACK in a DO block', 'Remove it.'),
        line,
      });
    }
    if (EXECUTES.has(name)) dynamic.push(...executed(node, line));
    if (typeof node['typname'] === 'string') pushType(node['typname'], line, sightings);
    if (typeof node['query'] === 'string')
      statements.push(...expression(node['query'], node['parseMode'], line));
    for (const key in node) visit(node[key], line, key);
    return undefined;
  };
  visit(parsePlpgsql(statement), firstLine, '');
  return { statements, sightings, dynamic };
}

const EXECUTES = new Set(['PLpgSQL_stmt_dynexecute', 'PLpgSQL_stmt_dynfors']);

function executed(node: Tree, line: number): readonly DynamicSql[] {
  const query = inside(node['query'], 'PLpgSQL_expr')?.['query'];
  if (typeof query !== 'string') return [];
  return parseOrNothing(`SELECT ${query}`).statements.map((statement) => ({ expression: statement, line }));
}

function pushType(type: string, line: number, sightings: { sighting: Sighting; line: number }[]): void {
  const parts = type.split('.').length;
  if (parts < (/%type/i.test(type) ? 3 : 2)) return;
  const name = schemaInText(type);
  if (name !== undefined) sightings.push({ sighting: { kind: 'schema', name }, line });
}

function expression(query: string, mode: unknown, line: number): readonly BodyStatement[] {
  const { statements } = parseOrNothing(asStatement(query, mode));
  return statements.map((statement) => ({ statement, line: () => line }));
}

function asStatement(query: string, mode: unknown): string {
  if (mode === PLPGSQL_STATEMENT || mode === undefined) return query;
  if (mode === PLPGSQL_EXPRESSION) return `SELECT ${query}`;
  return `SELECT ${query.replace(/^[^=]*?:?=/, '')}`;
}

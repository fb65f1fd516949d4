import { GrammarError, parseText } from '../grammar.ts';
import type { ParsedStatement, Tree } from '../grammar.ts';
import type { TreeStatement } from '../split.ts';
import type { Body } from './bodies.ts';
import type { Place } from './observation.ts';
import { constant, inside, items } from './tree.ts';

/** A statement that runs when the file does: one of the file's own, one in a DO block, or one that EXECUTE is given. */
export interface Act {
  readonly node: string;
  readonly tree: Tree;
  /** Where a location of the tree stands in the file; null for the statement itself. */
  readonly place: (location: number | null) => Place;
  /** False for a statement of a DO block, which always runs in a transaction. */
  readonly topLevel: boolean;
}

/** The statements of a file in the order in which they run. Both branches of an IF are taken to run. */
export function actsOf(
  statements: readonly TreeStatement[],
  bodies: ReadonlyMap<number, Body>,
  lineOf: (offset: number) => number,
): readonly Act[] {
  return statements.flatMap((statement, index): readonly Act[] => {
    const body = bodies.get(index);
    const place = (at: number | null): Place => {
      const offset = at === null ? statement.start : statement.toIndex(at);
      return { line: lineOf(offset), offset, statement: index };
    };
    const own: Act = { node: statement.node, tree: statement.tree, place, topLevel: true };
    return body?.runs === true ? [own, ...bodyActs(body, index)] : [own];
  });
}

function bodyActs(body: Body, statement: number): readonly Act[] {
  const written = body.statements.map(({ statement: { node, tree }, line }) => ({
    node,
    tree,
    place: (at: number | null) => ({ line: line(at), offset: null, statement }),
    topLevel: false,
  }));
  const executed = body.dynamic.flatMap(({ expression, line }) =>
    constantStatements(expression).map(({ node, tree }) => ({
      node,
      tree,
      place: () => ({ line, offset: null, statement }),
      topLevel: false,
    })),
  );
  // Stable: what stands on one line keeps its order.
  return [...written, ...executed].toSorted((a, b) => a.place(null).line - b.place(null).line);
}

/** The statements of `EXECUTE 'text'`; none where the text is put together. */
function constantStatements(expression: ParsedStatement): readonly ParsedStatement[] {
  const target = inside(items(expression.tree['targetList'])[0], 'ResTarget');
  const text = constant(target?.['val']);
  if (text === undefined) return [];
  try {
    return parseText(text).statements;
  } catch (error) {
    if (error instanceof GrammarError) return [];
    throw error;
  }
}

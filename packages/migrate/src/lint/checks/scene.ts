import type { Tree } from '../../grammar.ts';
import type { Act } from '../acts.ts';
import type { RuleCode } from '../catalog.ts';
import { inside, items, option, text } from '../tree.ts';
import type { World } from '../world/world.ts';

/** What of a file a check must know besides the statement at hand. */
export interface FileScene {
  readonly kind: 'versioned' | 'repeatable' | 'baseline' | 'undo' | 'callback';
  /** Relations and functions that some statement of the file makes. */
  readonly makes: ReadonlySet<string>;
  /** Functions that some statement of the file gives a search_path of their own. */
  readonly fixesPath: ReadonlySet<string>;
  /** Tables in use that the file has locked against readers so far. */
  readonly locked: Set<string>;
  /** Tables in use whose rows the file has written in number so far. */
  readonly filled: Set<string>;
}

/** What a check is given. */
export interface Scene {
  readonly act: Act;
  readonly world: World;
  readonly file: FileScene;
  /** `at`: location of the node that is meant; the statement where it is left out. */
  readonly report: (code: RuleCode, message: string, at?: number | null) => void;
}

/** Looks at a statement before it is noted. */
export type Check = (scene: Scene) => void;

/** Reads a file once for what its later statements make. */
export function sceneOf(kind: FileScene['kind'], acts: readonly Act[], world: World): FileScene {
  const makes = new Set<string>();
  const fixesPath = new Set<string>();
  for (const { node, tree } of acts) {
    const range = tree['relation'] ?? tree['view'] ?? tree['sequence'] ?? intoOf(tree);
    if (MAKES.has(node)) makes.add(world.name(range));
    if (node === 'IndexStmt' && typeof tree['idxname'] === 'string') makes.add(tree['idxname']);
    if (node === 'CreateFunctionStmt') makes.add(world.nameOf(tree['funcname']));
    if (node === 'CreateDomainStmt') makes.add(world.nameOf(tree['domainname']));
    if (node === 'CreateEnumStmt') makes.add(world.nameOf(tree['typeName']));
    if (node === 'CompositeTypeStmt') makes.add(world.name(tree['typevar']));
    if (node === 'AlterFunctionStmt' && setsPath(tree['actions'])) {
      fixesPath.add(world.nameOf(functionName(tree['func'])));
    }
  }
  return { kind, makes, fixesPath, locked: new Set(), filled: new Set() };
}

const MAKES = new Set(['CreateStmt', 'ViewStmt', 'CreateTableAsStmt', 'CreateSeqStmt']);

function intoOf(tree: Tree): unknown {
  const into = tree['into'];
  return typeof into === 'object' && into !== null ? (into as Tree)['rel'] : undefined;
}

/** The name list of a function that `ALTER` or `DROP` means. */
export function functionName(object: unknown): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  return (inside(object, 'ObjectWithArgs') ?? (object as Tree))['objname'];
}

/**
 * True where the options of a function fix its search_path safely: an empty one, the one of now, or one with pg_temp,
 * which is searched first where it is not named, at its end.
 */
export function setsPath(options: unknown): boolean {
  const set = items(options)
    .map((item) => inside(item, 'DefElem'))
    .filter((element) => element?.['defname'] === 'set')
    .map((element) => inside(element?.['arg'], 'VariableSetStmt'))
    .find((variable) => text(variable?.['name']) === 'search_path');
  if (set === undefined) return false;
  if (set['kind'] === 'VAR_SET_CURRENT') return true;
  const schemas = items(set['args']).map((value) => {
    const literal = inside(value, 'A_Const')?.['sval'];
    return typeof literal === 'object' && literal !== null ? (text((literal as Tree)['sval']) ?? '') : '';
  });
  return schemas.at(-1) === 'pg_temp' || (schemas.length === 1 && schemas[0] === '');
}

/** True where a boolean option is there and not switched off. */
export function isOn(options: unknown, name: string): boolean {
  const element = option(options, name);
  if (element === undefined) return false;
  const value = text(inside(element['arg'], 'String')?.['sval'])?.toLowerCase();
  return value === undefined || !['false', 'off', 'no', '0'].includes(value);
}

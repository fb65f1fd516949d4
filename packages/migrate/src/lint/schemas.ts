import { isTree } from '../grammar.ts';
import type { Tree } from '../grammar.ts';
import type { Report } from './observation.ts';
import { constant, inside, items, location, names, text, walk } from './tree.ts';

/** Fields that hold a possibly qualified name as a list of strings. */
const NAME_FIELDS = [
  'funcname',
  'objname',
  'defnames',
  'typeName',
  'domainname',
  'collname',
  'opclassname',
  'opfamilyname',
  'opclass',
  'collation',
  'conversion_name',
  'func_name',
  'operName',
  'useOp',
  'opname',
  'name',
  'dictname',
  'cfgname',
] as const;

/** Functions whose first argument is the text of a relation's name. */
const NAME_FUNCTIONS = new Set(['nextval', 'currval', 'setval', 'to_regclass', 'pg_get_serial_sequence']);
const NAME_TYPES = new Set([
  'regclass',
  'regproc',
  'regprocedure',
  'regtype',
  'regoper',
  'regcollation',
  'regconfig',
]);

/** Reports every schema that a statement names, wherever it stands in its tree. */
export function reportSchemas(tree: Tree, node: string, report: Report): void {
  walk(tree, (part, name) => reportPart(part, name, report), node);
}

function reportPart(part: Tree, name: string, report: Report): void {
  const at = location(part);
  const say = (schema: string | undefined) => {
    if (schema !== undefined && schema !== '') report({ kind: 'schema', name: schema }, at);
  };
  if (typeof part['relname'] === 'string') say(text(part['schemaname']));
  if (part['names'] !== undefined) say(qualifier(names(part['names']), part['pct_type'] === true ? 3 : 2));
  for (const field of NAME_FIELDS) if (Array.isArray(part[field])) say(qualifier(names(part[field]), 2));
  if (name === 'DropStmt') reportDropped(part, say);
  if (part['object'] !== undefined)
    say(objectSchema(part['object'], text(part['objtype']) ?? text(part['renameType'])));
  if (typeof part['newschema'] === 'string') say(part['newschema']);
  if (part['defname'] === 'owned_by') say(qualifier(names(inside(part['arg'], 'List')?.['items']), 3));
  if (name === 'VariableSetStmt' && part['name'] === 'search_path') reportSearchPath(part, say);
  if (name === 'GrantStmt') reportGrantTargets(part, say);
  if (name === 'AlterDefaultPrivilegesStmt') reportDefaultPrivileges(part, say);
  if (
    name === 'TypeCast' &&
    isTree(part['typeName']) &&
    NAME_TYPES.has(names(part['typeName']['names']).at(-1) ?? '')
  ) {
    say(schemaInText(constant(part['arg'])));
  }
  if (name === 'FuncCall' && NAME_FUNCTIONS.has(names(part['funcname']).at(-1) ?? '')) {
    say(schemaInText(constant(items(part['args'])[0])));
  }
}

function qualifier(parts: readonly string[], depth: number): string | undefined {
  return parts.length >= depth ? parts[parts.length - depth] : undefined;
}

/** `SET search_path` of a function, which is no change of the session. */
function reportSearchPath(part: Tree, say: (schema: string | undefined) => void): void {
  for (const value of items(part['args'])) {
    const schema = constant(value);
    if (schema !== '$user') say(schema);
  }
}

/** Objects that belong to a relation are named behind it: schema, relation, object. */
const BELONGS_TO_RELATION = new Set([
  'OBJECT_COLUMN',
  'OBJECT_TRIGGER',
  'OBJECT_RULE',
  'OBJECT_POLICY',
  'OBJECT_TABCONSTRAINT',
]);
/** Operator classes and families are named behind their access method. */
const BEHIND_ACCESS_METHOD = new Set(['OBJECT_OPCLASS', 'OBJECT_OPFAMILY']);

function objectSchema(object: unknown, type: string | undefined): string | undefined {
  const list = inside(object, 'List');
  if (list === undefined) return undefined;
  const parts = names(list['items']);
  if (type !== undefined && BELONGS_TO_RELATION.has(type)) return qualifier(parts, 3);
  if (type !== undefined && BEHIND_ACCESS_METHOD.has(type)) return qualifier(parts.slice(1), 2);
  return qualifier(parts, 2);
}

function reportDropped(part: Tree, say: (schema: string | undefined) => void): void {
  const type = text(part['removeType']);
  for (const object of items(part['objects'])) say(objectSchema(object, type));
}

function reportGrantTargets(part: Tree, say: (schema: string | undefined) => void): void {
  if (part['objtype'] !== 'OBJECT_SCHEMA' && part['targtype'] !== 'ACL_TARGET_ALL_IN_SCHEMA') return;
  for (const name of names(part['objects'])) say(name);
}

function reportDefaultPrivileges(part: Tree, say: (schema: string | undefined) => void): void {
  for (const item of items(part['options'])) {
    const element = inside(item, 'DefElem');
    if (element?.['defname'] !== 'schemas') continue;
    for (const name of names(inside(element['arg'], 'List')?.['items'])) say(name);
  }
}

const QUALIFIED_TEXT = /^\s*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))\s*\./u;

/** The schema in the text of a name such as `'public.orders'`; unquoted names fold to lower case. */
export function schemaInText(name: string | undefined): string | undefined {
  const match = QUALIFIED_TEXT.exec(name ?? '');
  return match?.[1]?.replaceAll('""', '"') ?? match?.[2]?.toLowerCase();
}

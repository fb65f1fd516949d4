import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { allInside, inside, items, names, option, text } from '../tree.ts';
import { columnType } from './names.ts';
import { columnConstraints, columnOf, constraintName, constraintOf } from './relation.ts';
import type { Column } from './relation.ts';
import type { World } from './world.ts';

/** Notes what a statement makes, changes or removes. `ALTER TABLE` is noted command by command, see `applyCommand`. */
export function applyStatement(tree: Tree, node: string, world: World): void {
  switch (node) {
    case 'CreateStmt':
      return createTable(tree, world);
    case 'CreateTableAsStmt':
      return createAs(tree['into'], tree['objtype'] === 'OBJECT_MATVIEW', world);
    case 'SelectStmt':
      return createAs(tree['intoClause'], false, world);
    case 'ViewStmt':
      return createView(tree, world);
    case 'IndexStmt':
      return createIndex(tree, world);
    case 'CreateSeqStmt':
      world.create(world.name(tree['sequence']), 'sequence', tree['sequence']);
      return undefined;
    case 'CreateFunctionStmt':
      return createFunction(tree, world);
    case 'CreateEnumStmt':
    case 'CreateRangeStmt':
      return world.makeType(world.nameOf(tree['typeName']));
    case 'CreateDomainStmt':
      return world.makeType(world.nameOf(tree['domainname']));
    case 'CompositeTypeStmt':
      return world.makeType(world.name(tree['typevar']));
    case 'DropStmt':
      return dropRelations(tree, world);
    case 'RenameStmt':
      return rename(tree, world);
    default:
      return undefined;
  }
}

function createTable(tree: Tree, world: World): void {
  const name = world.name(tree['relation']);
  if (tree['if_not_exists'] === true && world.relation(name) !== undefined) return;
  const parents = items(tree['inhRelations']).map((parent) => world.name(inside(parent, 'RangeVar')));
  world.create(name, 'table', tree['relation']);
  world.change(name, () => ({ partitioned: tree['partspec'] !== undefined }));
  for (const parent of parents) copyColumns(parent, name, world);
  for (const element of items(tree['tableElts'])) {
    const column = inside(element, 'ColumnDef');
    const constraint = inside(element, 'Constraint');
    const like = inside(element, 'TableLikeClause');
    if (column !== undefined) addColumn(name, column, world);
    if (constraint !== undefined) addConstraint(name, constraint, null, world);
    if (like !== undefined) copyColumns(world.name(like['relation']), name, world);
  }
}

function copyColumns(from: string, to: string, world: World): void {
  for (const [column, value] of world.relation(from)?.columns ?? []) world.setColumn(to, column, value);
}

function addColumn(table: string, definition: Tree, world: World): void {
  const column = text(definition['colname']) ?? '';
  world.setColumn(table, column, columnOf(definition));
  for (const constraint of columnConstraints(definition)) addConstraint(table, constraint, column, world);
}

const KEPT = new Set([
  'CONSTR_CHECK',
  'CONSTR_FOREIGN',
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
  'CONSTR_EXCLUSION',
  'CONSTR_NOTNULL',
]);

function addConstraint(table: string, node: Tree, column: string | null, world: World): void {
  if (!KEPT.has(text(node['contype']) ?? '')) return;
  const constraint = constraintOf(node, world.file);
  world.setConstraint(table, constraintName(node, table, column), constraint);
  const held = node['contype'] === 'CONSTR_PRIMARY' ? names(node['keys']) : [];
  const named = node['contype'] === 'CONSTR_NOTNULL' && constraint.validated ? constraint.notNull : [];
  for (const key of [...held, ...named]) setNotNull(table, key, true, world);
}

function setNotNull(table: string, column: string, notNull: boolean, world: World): void {
  const known: Column = world.relation(table)?.columns.get(column) ?? { type: null, notNull };
  world.setColumn(table, column, { ...known, notNull });
}

function createAs(into: unknown, materialized: boolean, world: World): void {
  if (!isTree(into)) return;
  world.create(world.name(into['rel']), materialized ? 'materialized view' : 'table', into['rel']);
}

function createView(tree: Tree, world: World): void {
  const name = world.name(tree['view']);
  if (tree['replace'] === true && world.relation(name) !== undefined) return;
  world.create(name, 'view', tree['view']);
}

function createIndex(tree: Tree, world: World): void {
  const table = world.name(tree['relation']);
  const schema = table.includes('.') ? table.slice(0, table.indexOf('.') + 1) : '';
  const name = schema + (text(tree['idxname']) ?? indexName(tree, table));
  if (tree['if_not_exists'] === true && world.relation(name) !== undefined) return;
  world.create(name, 'index', null);
  world.change(name, () => ({ table }));
}

/** The name that PostgreSQL gives an index which has none; a guess where it would have to avoid another one. */
function indexName(tree: Tree, table: string): string {
  const columns = allInside(tree['indexParams'], 'IndexElem').map(
    (element) => text(element['name']) ?? 'expr',
  );
  return [table.slice(table.lastIndexOf('.') + 1), ...columns, 'idx'].join('_');
}

function createFunction(tree: Tree, world: World): void {
  const volatility = text(inside(option(tree['options'], 'volatility')?.['arg'], 'String')?.['sval']);
  world.makeFunction(world.nameOf(tree['funcname']), volatility === undefined || volatility === 'volatile');
}

const DROPPED_RELATIONS = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
]);

function dropRelations(tree: Tree, world: World): void {
  if (!DROPPED_RELATIONS.has(text(tree['removeType']) ?? '')) return;
  for (const object of items(tree['objects'])) world.drop(world.nameOf(inside(object, 'List')?.['items']));
}

function rename(tree: Tree, world: World): void {
  const name = world.name(tree['relation']);
  const to = text(tree['newname']) ?? '';
  const kind = tree['renameType'];
  if (kind === 'OBJECT_COLUMN') {
    const from = text(tree['subname']) ?? '';
    const column = world.relation(name)?.columns.get(from);
    world.setColumn(name, from, null);
    if (column !== undefined) world.setColumn(name, to, column);
  } else if (kind === 'OBJECT_TABCONSTRAINT') {
    const from = text(tree['subname']) ?? '';
    const constraint = world.relation(name)?.constraints.get(from);
    world.setConstraint(name, from, null);
    if (constraint !== undefined) world.setConstraint(name, to, constraint);
  } else if (DROPPED_RELATIONS.has(text(kind) ?? '')) {
    world.rename(name, name.includes('.') ? `${name.slice(0, name.indexOf('.'))}.${to}` : to);
  }
}

/** Notes one command of an `ALTER TABLE`. */
export function applyCommand(command: Tree, table: string, world: World): void {
  const name = text(command['name']) ?? '';
  const column = inside(command['def'], 'ColumnDef');
  switch (command['subtype']) {
    case 'AT_AddColumn':
      if (column !== undefined) addColumn(table, column, world);
      return undefined;
    case 'AT_DropColumn':
      return world.setColumn(table, name, null);
    case 'AT_AlterColumnType': {
      const type = columnType(isTree(column?.['typeName']) ? column['typeName'] : undefined);
      const notNull = world.relation(table)?.columns.get(name)?.notNull ?? false;
      return world.setColumn(table, name, { type, notNull });
    }
    case 'AT_SetNotNull':
      return setNotNull(table, name, true, world);
    case 'AT_DropNotNull':
      return setNotNull(table, name, false, world);
    case 'AT_AddConstraint': {
      const constraint = inside(command['def'], 'Constraint');
      if (constraint !== undefined) addConstraint(table, constraint, null, world);
      return undefined;
    }
    case 'AT_ValidateConstraint':
      return validate(table, name, world);
    case 'AT_DropConstraint':
      return world.setConstraint(table, name, null);
    case 'AT_EnableRowSecurity':
      return world.change(table, () => ({ rowSecurity: true }));
    case 'AT_DisableRowSecurity':
      return world.change(table, () => ({ rowSecurity: false }));
    default:
      return undefined;
  }
}

function validate(table: string, name: string, world: World): void {
  const constraint = world.relation(table)?.constraints.get(name);
  if (constraint === undefined) return;
  world.setConstraint(table, name, { ...constraint, validated: true });
  if (constraint.kind !== 'CONSTR_NOTNULL') return;
  for (const column of constraint.notNull) setNotNull(table, column, true, world);
}

import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { allInside, inside, items, location, names, text } from '../tree.ts';
import { columnType } from '../world/names.ts';
import { columnConstraints } from '../world/relation.ts';
import type { Scene } from './scene.ts';

const SMALL_KEYS = new Set(['int4', 'int2', 'serial', 'serial4', 'smallserial', 'serial2']);

/** Types of new columns, and tables without a key. */
export function checkStyle(scene: Scene): void {
  const { act, report, world } = scene;
  if (act.node === 'AlterTableStmt') {
    for (const item of items(act.tree['cmds'])) {
      const column = inside(inside(item, 'AlterTableCmd')?.['def'], 'ColumnDef');
      if (column !== undefined) checkType(column, [], scene);
    }
  }
  if (act.node !== 'CreateStmt') return;
  const constraints = allInside(act.tree['tableElts'], 'Constraint');
  const key = constraints.find(({ contype }) => contype === 'CONSTR_PRIMARY');
  const columns = allInside(act.tree['tableElts'], 'ColumnDef');
  for (const column of columns) checkType(column, names(key?.['keys']), scene);
  const range = act.tree['relation'];
  const temporary = isTree(range) && range['relpersistence'] === 't';
  const inherits = items(act.tree['inhRelations']).length > 0;
  const like = allInside(act.tree['tableElts'], 'TableLikeClause').length > 0;
  const keyed = key !== undefined || columns.some(isKey);
  if (!keyed && !temporary && !inherits && !like) {
    report('table-without-key', `"${world.name(range)}" has no primary key`);
  }
}

function isKey(column: Tree): boolean {
  return columnConstraints(column).some(({ contype }) => contype === 'CONSTR_PRIMARY');
}

function checkType(definition: Tree, keys: readonly string[], { report }: Scene): void {
  const type = columnType(isTree(definition['typeName']) ? definition['typeName'] : undefined);
  const name = text(definition['colname']) ?? '';
  const at = location(definition);
  if (type === null) return;
  if (type.name === 'timestamp') report('prefer-timestamptz', `"${name}" has no time zone`, at);
  if (type.name === 'bpchar') report('prefer-text', `"${name}" is padded with blanks`, at);
  if (type.name === 'json') report('prefer-jsonb', `"${name}" is json`, at);
  // A key of one column counts rows; of several, it is made of others' keys.
  const alone = isKey(definition) || (keys.length === 1 && keys[0] === name);
  if (alone && SMALL_KEYS.has(type.name))
    report('prefer-bigint-key', `the key "${name}" is ${type.name}`, at);
}

import type { Tree } from '../../grammar.ts';
import { inside, items, walk } from '../tree.ts';
import type { Scene } from './scene.ts';

/** `UPDATE` and `DELETE` of many rows of a table in use, those in a WITH included. */
export function checkData(scene: Scene): void {
  const { act, file, report, world } = scene;
  walk(
    act.tree,
    (part, name) => {
      if (name !== 'UpdateStmt' && name !== 'DeleteStmt') return;
      const table = world.name(part['relation']);
      if (!world.inUse(table)) return;
      const word = name === 'UpdateStmt' ? 'UPDATE' : 'DELETE';
      if (isAbsent(part['whereClause'])) {
        report('write-without-where', `${word} of every row of "${table}"`);
      }
      if (namesRows(part['whereClause'])) return;
      if (file.locked.has(table) && !file.filled.has(table)) {
        report(
          'backfill-with-ddl',
          `${word} of many rows of "${table}", which this file has locked against readers`,
        );
      }
      file.filled.add(table);
    },
    act.node,
  );
}

function isAbsent(where: unknown): boolean {
  return where === undefined || inside(where, 'A_Const') !== undefined;
}

/** True where a condition of the WHERE compares a column with constants by `=` or IN: reference data, not a backfill. */
function namesRows(where: unknown): boolean {
  const and = inside(where, 'BoolExpr');
  if (and !== undefined) {
    const parts = items(and['args']);
    if (and['boolop'] === 'AND_EXPR') return parts.some(namesRows);
    return and['boolop'] === 'OR_EXPR' && parts.every(namesRows);
  }
  const comparison = inside(where, 'A_Expr');
  if (comparison === undefined) return false;
  if (comparison['kind'] !== 'AEXPR_OP' && comparison['kind'] !== 'AEXPR_IN') return false;
  if (inside(items(comparison['name'])[0], 'String')?.['sval'] !== '=') return false;
  return isColumn(comparison['lexpr']) && isConstant(comparison['rexpr']);
}

function isColumn(expression: unknown): boolean {
  const call = inside(expression, 'FuncCall');
  const cast = inside(expression, 'TypeCast');
  if (cast !== undefined) return isColumn(cast['arg']);
  return (
    inside(expression, 'ColumnRef') !== undefined ||
    (call !== undefined && items(call['args']).some(isColumn))
  );
}

function isConstant(expression: unknown): boolean {
  const list: Tree | undefined = inside(expression, 'List');
  if (list !== undefined) return items(list['items']).every(isConstant);
  const cast = inside(expression, 'TypeCast');
  if (cast !== undefined) return isConstant(cast['arg']);
  return inside(expression, 'A_Const') !== undefined;
}

import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { constant, inside, location, names, text } from '../tree.ts';
import { columnType } from '../world/names.ts';
import { columnConstraints, isSerial } from '../world/relation.ts';
import type { Scene } from './scene.ts';
import { changesForFree, isTimeZoneChange, typeText } from './types.ts';
import { volatileCall } from './volatile.ts';

/** One command of an `ALTER TABLE` of a table in use that is about a column. */
export function checkColumn(command: Tree, table: string, scene: Scene): void {
  const definition = inside(command['def'], 'ColumnDef');
  const column = text(command['name']) ?? '';
  switch (command['subtype']) {
    case 'AT_AddColumn':
      if (definition !== undefined) checkAdded(definition, table, scene);
      return undefined;
    case 'AT_AlterColumnType':
      if (definition !== undefined) checkType(definition, column, table, scene);
      return undefined;
    case 'AT_SetNotNull':
      return checkNotNull(column, table, scene);
    case 'AT_SetExpression':
      return scene.report(
        'column-generated-rewrites',
        `a new expression for "${table}"."${column}" writes the table anew where the column is stored`,
      );
    default:
      return undefined;
  }
}

function checkAdded(definition: Tree, table: string, { report, world }: Scene): void {
  const name = `"${table}"."${text(definition['colname']) ?? ''}"`;
  const at = location(definition);
  const constraints = columnConstraints(definition);
  const byKind = new Map(constraints.map((constraint) => [text(constraint['contype']) ?? '', constraint]));
  const type = columnType(isTree(definition['typeName']) ? definition['typeName'] : undefined);
  const fallback = byKind.get('CONSTR_DEFAULT')?.['raw_expr'];
  const call = volatileCall(fallback, world);
  const generated = byKind.get('CONSTR_GENERATED');
  const sequence = isSerial(type) || byKind.has('CONSTR_IDENTITY');
  if (call !== undefined) {
    report(
      'column-default-rewrites',
      `the default of ${name} calls ${call}() for every row and writes the table anew`,
      at,
    );
  }
  if (generated?.['generated_kind'] === 's') {
    report(
      'column-generated-rewrites',
      `the stored value of ${name} is computed for every row and the table written anew`,
      at,
    );
  }
  if (sequence)
    report(
      'column-sequence-rewrites',
      `${name} gets a number in every row and the table is written anew`,
      at,
    );
  const hasValue = (fallback !== undefined && !isNull(fallback)) || sequence || generated !== undefined;
  if (!hasValue && (byKind.has('CONSTR_NOTNULL') || byKind.has('CONSTR_PRIMARY'))) {
    report(
      'column-not-null-without-default',
      `${name} is NOT NULL and has no default: it fails where "${table}" has a row`,
      at,
    );
  }
}

function isNull(expression: unknown): boolean {
  return inside(expression, 'A_Const')?.['isnull'] === true;
}

function checkNotNull(column: string, table: string, { report, world }: Scene): void {
  const known = world.relation(table);
  if (known?.columns.get(column)?.notNull === true) return;
  const held = [...(known?.constraints.values() ?? [])].some(
    (constraint) => constraint.validated && constraint.notNull.includes(column),
  );
  if (held) return;
  report('not-null-scans', `SET NOT NULL reads all of "${table}" to find a null in "${column}"`);
}

function checkType(definition: Tree, column: string, table: string, { report, world }: Scene): void {
  const to = columnType(isTree(definition['typeName']) ? definition['typeName'] : undefined);
  if (to === null) return;
  const from = world.relation(table)?.columns.get(column)?.type ?? null;
  const plain = isPlainUsing(definition['raw_default'], column);
  if (plain && from !== null && changesForFree(from, to)) return;
  const of = `"${table}"."${column}"`;
  const change = from === null ? `to ${typeText(to)}` : `from ${typeText(from)} to ${typeText(to)}`;
  const how = isTimeZoneChange(from, to)
    ? 'writes the table anew where the session’s time zone is not UTC'
    : from === null
      ? 'can write the table anew; its type before is not in these files'
      : 'writes the table anew';
  report('column-type-rewrites', `changing ${of} ${change} ${how}`);
}

/** True where `USING` says no more than the change itself: the column, or the column cast. */
function isPlainUsing(using: unknown, column: string): boolean {
  if (using === undefined) return true;
  const cast = inside(using, 'TypeCast');
  const reference = inside(cast?.['arg'] ?? using, 'ColumnRef');
  return (
    reference !== undefined && constant(using) === undefined && names(reference['fields']).at(-1) === column
  );
}

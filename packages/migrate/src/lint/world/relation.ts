import { isTree } from '../../grammar.ts';
import type { Tree } from '../../grammar.ts';
import { allInside, inside, items, names, text } from '../tree.ts';
import { columnType } from './names.ts';
import type { ColumnType } from './names.ts';

export type RelationKind = 'table' | 'view' | 'materialized view' | 'index' | 'sequence';

export interface Column {
  readonly type: ColumnType | null;
  readonly notNull: boolean;
}

export interface Constraint {
  readonly kind: string;
  readonly validated: boolean;
  /** Ordinal of the file that added it. */
  readonly file: number;
  /** Columns that it keeps from being null once it is validated. */
  readonly notNull: readonly string[];
}

/** What is known of a table, view, index or sequence. Of what no file made, only that it is there. */
export interface Relation {
  readonly kind: RelationKind;
  /** Ordinal of the file that made it; -1 where none did. */
  readonly birth: number;
  readonly partitioned: boolean;
  readonly rowSecurity: boolean;
  /** The table of an index. */
  readonly table: string | null;
  readonly columns: ReadonlyMap<string, Column>;
  readonly constraints: ReadonlyMap<string, Constraint>;
}

/** A relation of which nothing is known yet. */
export function bareRelation(kind: RelationKind, birth: number): Relation {
  return {
    kind,
    birth,
    partitioned: false,
    rowSecurity: false,
    table: null,
    columns: new Map(),
    constraints: new Map(),
  };
}

const SERIAL = new Set(['serial', 'serial4', 'bigserial', 'serial8', 'smallserial', 'serial2']);

/** True for the types that PostgreSQL reads as an integer with a sequence. */
export function isSerial(type: ColumnType | null): boolean {
  return type !== null && SERIAL.has(type.name);
}

/** The constraints of a `ColumnDef`. */
export function columnConstraints(definition: Tree): readonly Tree[] {
  return allInside(definition['constraints'], 'Constraint');
}

/** The `ColumnDef` of a new column as a column. */
export function columnOf(definition: Tree): Column {
  const type = columnType(isTree(definition['typeName']) ? definition['typeName'] : undefined);
  const kinds = columnConstraints(definition).map((constraint) => text(constraint['contype']));
  const notNull = ['CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'].some((kind) =>
    kinds.includes(kind),
  );
  return { type, notNull: notNull || isSerial(type) };
}

/** A `Constraint` node as a constraint. */
export function constraintOf(node: Tree, file: number): Constraint {
  const kind = text(node['contype']) ?? '';
  return {
    kind,
    // A named constraint of NOT NULL has no `initially_valid` in the tree; what is skipped is said.
    validated: node['skip_validation'] !== true,
    file,
    notNull: kind === 'CONSTR_NOTNULL' ? names(node['keys']) : columnsHeldNotNull(node['raw_expr']),
  };
}

/** The columns that a CHECK such as `a IS NOT NULL AND …` keeps from being null. */
function columnsHeldNotNull(expression: unknown): readonly string[] {
  const both = inside(expression, 'BoolExpr');
  if (both?.['boolop'] === 'AND_EXPR') return items(both['args']).flatMap(columnsHeldNotNull);
  const test = inside(expression, 'NullTest');
  if (test?.['nulltesttype'] !== 'IS_NOT_NULL') return [];
  return names(inside(test['arg'], 'ColumnRef')?.['fields']).slice(-1);
}

/** The name that PostgreSQL gives a constraint which has none; a guess where it would have to avoid another one. */
export function constraintName(node: Tree, table: string, column: string | null): string {
  const given = text(node['conname']);
  if (given !== undefined) return given;
  const base = table.slice(table.lastIndexOf('.') + 1);
  const columns = column === null ? names(node['keys'] ?? node['fk_attrs']) : [column];
  const suffix: Readonly<Record<string, string>> = {
    CONSTR_CHECK: 'check',
    CONSTR_FOREIGN: 'fkey',
    CONSTR_UNIQUE: 'key',
    CONSTR_NOTNULL: 'not_null',
    CONSTR_EXCLUSION: 'excl',
  };
  const kind = text(node['contype']) ?? '';
  if (kind === 'CONSTR_PRIMARY') return `${base}_pkey`;
  return [base, ...columns, suffix[kind] ?? 'constraint'].join('_');
}

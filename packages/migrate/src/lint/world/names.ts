import type { Tree } from '../../grammar.ts';
import { items, names, text } from '../tree.ts';

/** The name of a relation as the linter knows it: bare in the own schema, else `schema.name`. */
export type RelationName = string;

/** Joins the parts of a name; the own schema is left out, so that both spellings are one relation. */
export function joinName(parts: readonly string[], ownSchema: string | null): RelationName {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  return schema === undefined || schema === ownSchema ? name : `${schema}.${name}`;
}

/** The parts of a `RangeVar`. */
export function rangeParts(range: Tree): readonly string[] {
  const name = text(range['relname']);
  const schema = text(range['schemaname']);
  if (name === undefined) return [];
  return schema === undefined ? [name] : [schema, name];
}

/** The type of a column: its last name, its modifiers (length, precision, scale), and whether it is an array. */
export interface ColumnType {
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

/** Reads a `TypeName`; null where there is none. */
export function columnType(type: Tree | undefined): ColumnType | null {
  const name = names(type?.['names']).at(-1);
  if (type === undefined || name === undefined) return null;
  return {
    name,
    modifiers: items(type['typmods']).map(integerOf),
    array: items(type['arrayBounds']).length > 0,
  };
}

/** libpg-query leaves the number zero out of its JSON. */
function integerOf(modifier: unknown): number {
  const found = /"ival":\{"ival":(-?\d+)/.exec(JSON.stringify(modifier) ?? '');
  return found === null ? 0 : Number(found[1]);
}

import type { ColumnType } from '../world/names.ts';

/** Timestamps, times and intervals keep their form when their precision grows; six digits are all there are. */
const TEMPORAL: ReadonlySet<string> = new Set(['timestamp', 'timestamptz', 'time', 'timetz']);
const TEMPORAL_DIGITS = 6;

/**
 * True where PostgreSQL changes a column from one type to the other without writing its table anew. Its rule: the types
 * are stored alike, and the new modifier cannot cut a value that the old one let in.
 */
export function changesForFree(from: ColumnType, to: ColumnType): boolean {
  if (from.array || to.array) return sameType(from, to);
  if (sameType(from, to)) return true;
  const [length] = from.modifiers;
  const [newLength] = to.modifiers;
  if (from.name === 'varchar' && to.name === 'text') return true;
  if (from.name === 'text' && to.name === 'varchar') return newLength === undefined;
  if (from.name === 'cidr' && to.name === 'inet') return true;
  if (from.name === 'xml' && to.name === 'text') return true;
  if (from.name !== to.name) return false;
  if (from.name === 'varchar' || from.name === 'varbit') {
    return newLength === undefined || (length !== undefined && newLength >= length);
  }
  if (from.name === 'numeric') return widerNumeric(from, to);
  if (TEMPORAL.has(from.name)) return (newLength ?? TEMPORAL_DIGITS) >= (length ?? TEMPORAL_DIGITS);
  return false;
}

function sameType(from: ColumnType, to: ColumnType): boolean {
  return from.name === to.name && from.array === to.array && String(from.modifiers) === String(to.modifiers);
}

function widerNumeric(from: ColumnType, to: ColumnType): boolean {
  if (to.modifiers.length === 0) return true;
  const [precision, scale = 0] = from.modifiers;
  const [newPrecision, newScale = 0] = to.modifiers;
  if (precision === undefined || newPrecision === undefined) return false;
  return newScale === scale && newPrecision >= precision;
}

/** True for a change between the two kinds of timestamp, which is free in a session whose time zone is UTC. */
export function isTimeZoneChange(from: ColumnType | null, to: ColumnType): boolean {
  const names = new Set([from?.name, to.name]);
  return names.has('timestamp') && names.has('timestamptz');
}

/** A type as it is written, without its modifiers where there are none. */
export function typeText({ name, modifiers, array }: ColumnType): string {
  return `${name}${modifiers.length === 0 ? '' : `(${modifiers.join(', ')})`}${array ? '[]' : ''}`;
}

import { canonicalJson } from './fingerprint.ts';
import type { Difference, Json, SchemaObject, SchemaSnapshot } from './types.ts';

type Objects = ReadonlyMap<string, SchemaObject>;

/**
 * What would have to change in `actual` to make it `expected`, in the order of the objects' names. A missing table is one
 * difference: its columns, indexes and whatever else hangs on it are not told one by one. Empty exactly where the
 * fingerprints are equal.
 *
 * @throws RangeError for a stored snapshot of another format
 * @example
 * ```ts
 * diffSchemas(canary, other);
 * // [{ kind: 'changed', object: 'column orders.total', path: 'type', expected: 'numeric(10,2)', actual: 'text' }]
 * ```
 */
export function diffSchemas(expected: SchemaSnapshot, actual: SchemaSnapshot): readonly Difference[] {
  if (expected.format !== actual.format)
    throw new RangeError('Snapshots of different formats cannot be compared.');
  const [there, here] = [byKey(expected), byKey(actual)];
  const keys = [...new Set([...there.keys(), ...here.keys()])].toSorted();
  return keys.flatMap((key) => {
    const [wanted, found] = [there.get(key), here.get(key)];
    if (goesWithParent(wanted, here) || goesWithParent(found, there)) return [];
    if (found === undefined) return [whole('missing', key, wanted)];
    if (wanted === undefined) return [whole('unexpected', key, found)];
    return compare(key, '', wanted.properties, found.properties);
  });
}

function byKey({ objects }: SchemaSnapshot): Objects {
  return new Map(objects.map((object) => [`${object.kind} ${object.name}`, object]));
}

function goesWithParent(object: SchemaObject | undefined, other: Objects): boolean {
  return object !== undefined && object.parent !== null && !other.has(object.parent);
}

function whole(kind: 'missing' | 'unexpected', object: string, it: SchemaObject | undefined): Difference {
  const properties = it?.properties ?? {};
  const [expected, actual] = kind === 'missing' ? [properties, null] : [null, properties];
  return { kind, object, path: '', expected, actual };
}

function compare(object: string, path: string, expected: Json, actual: Json): readonly Difference[] {
  if (canonicalJson(expected) === canonicalJson(actual)) return [];
  if (path === 'columns' && isList(expected) && isList(actual)) return reordered(object, expected, actual);
  if (!isRecord(expected) || !isRecord(actual)) return [{ kind: 'changed', object, path, expected, actual }];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].toSorted();
  return keys.flatMap((key) =>
    compare(object, path === '' ? key : `${path}.${key}`, expected[key] ?? null, actual[key] ?? null),
  );
}

/** Columns that one of the two lacks are differences of their own; this is of those that both have. */
function reordered(
  object: string,
  expected: readonly Json[],
  actual: readonly Json[],
): readonly Difference[] {
  const [wanted, found] = [
    expected.filter((column) => actual.includes(column)),
    actual.filter((column) => expected.includes(column)),
  ];
  if (canonicalJson(wanted) === canonicalJson(found)) return [];
  return [{ kind: 'reordered', object, path: 'columns', expected: wanted, actual: found }];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

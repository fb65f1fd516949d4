/** What became of one field. */
export interface FieldChange {
  /** With dots, as `labels.region`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly change: 'added' | 'removed' | 'changed' | 'same';
}

/** Field by field, what was different before and after; nested objects are opened, lists are compared as they are. */
export function diffOf(before: unknown, after: unknown): readonly FieldChange[] {
  const was = flatten(before);
  const is = flatten(after);
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths.map((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    const change = !was.has(path) ? 'added' : !is.has(path) ? 'removed' : same(old, now) ? 'same' : 'changed';
    return { path, before: old, after: now, change };
  });
}

function flatten(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (isObject(value) && (path === '' || Object.keys(value).length > 0)) {
    for (const [key, item] of Object.entries(value))
      flatten(item, path === '' ? key : `${path}.${key}`, into);
  } else if (path !== '') {
    into.set(path, value);
  }
  return into;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

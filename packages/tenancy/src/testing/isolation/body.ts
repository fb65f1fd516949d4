import type { Call } from './call.ts';

/** The body of a request with fields that name somebody; undefined for one whose fields are not to be found. */
export function bodyNaming(
  { body, headers }: Call,
  names: readonly string[],
  value: string,
): string | undefined {
  if (body === undefined) return undefined;
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  if (/^\s*application\/x-www-form-urlencoded\b/i.test(type)) return formNaming(body, names, value);
  return jsonNaming(body, Object.fromEntries(names.map((name) => [name, value])));
}

/** In the place of what the form has of those names: most parsers take the first of two. */
function formNaming(body: string, names: readonly string[], value: string): string {
  const fields = new URLSearchParams(body);
  for (const name of names) fields.set(name, value);
  return fields.toString();
}

/** In an object, or in each object of a list. */
function jsonNaming(body: string, fields: Readonly<Record<string, string>>): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const objects = items.filter((item) => isObject(item));
  if (objects.length === 0) return undefined;
  for (const object of objects) Object.assign(object, fields);
  return JSON.stringify(parsed);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

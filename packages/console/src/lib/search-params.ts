/** The query of an address as text by name; TanStack Router's own form would put quotes around each value. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The other way round. What is undefined or empty does not stand in the address. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean') {
      params.set(name, String(value));
    }
  }
  // Commas are what our lists are made of, and colons what labels are: readable in an address, and allowed there.
  const query = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return query ? `?${query}` : '';
}

type Search = Readonly<Record<string, unknown>>;

/** A text of the address; undefined when it is missing or empty. */
export function textOf(search: Search, name: string): string | undefined {
  const value = search[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A word of the address out of a closed set; undefined for any other, so that an old link still opens. */
export function wordOf<const W extends string>(
  search: Search,
  name: string,
  words: readonly W[],
): W | undefined {
  const value = search[name];
  return words.find((word) => word === value);
}

/** A whole number of the address out of a closed set. */
export function numberOf<const N extends number>(
  search: Search,
  name: string,
  numbers: readonly N[],
): N | undefined {
  return numbers.find((number) => number === Number(search[name]));
}

/** A positive whole number of the address. */
export function positiveOf(search: Search, name: string): number | undefined {
  const value = Number(search[name]);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** A search in which nothing has to be given by a link. */
export function optional<S extends object>(search: S): Partial<S> {
  return search;
}

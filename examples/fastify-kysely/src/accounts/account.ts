import { Problem } from '../problem.ts';

/** A client company. */
export interface Account {
  /** A bigint, as text: a number of JavaScript does not hold all of them. */
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A part of the list. */
export interface AccountPage {
  readonly items: readonly Account[];
  /** What to ask for `after` to see more; null at the end. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  /** Id of the last account of the page before. */
  readonly after: string | undefined;
}

/** An id of an account's address. What cannot be one is not found, like one that nobody has. Throws a 404. */
export function parseId(text: string): string {
  if (!isId(text)) throw noSuchAccount();
  return text;
}

/** `?limit=50&after=7`. Throws a 400. */
export function parsePage({ limit = '50', after }: Readonly<Record<string, unknown>>): PageRequest {
  if (typeof limit !== 'string' || !/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100)
    throw new Problem(400, 'limit must be a whole number from 1 to 100.');
  if (after !== undefined && !isId(after)) throw new Problem(400, 'after must be the id of an account.');
  return { limit: Number(limit), after };
}

/** `{ "name": "…" }`. Throws a 400. */
export function parseName(body: unknown): { readonly name: string } {
  const { name } = (typeof body === 'object' && body !== null ? body : {}) as { readonly name?: unknown };
  // Characters as PostgreSQL counts them; it stores all but the zero character.
  const length = typeof name === 'string' && !name.includes('\0') ? Array.from(name).length : 0;
  if (typeof name !== 'string' || length < 1 || length > 200)
    throw new Problem(400, 'The body must be JSON with a name of 1 to 200 characters.');
  return { name };
}

export function noSuchAccount(): Problem {
  return new Problem(404, 'There is no such account.');
}

const largest = 2n ** 63n - 1n;

function isId(text: unknown): text is string {
  return typeof text === 'string' && /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= largest;
}

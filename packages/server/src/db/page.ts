import { TenantryError } from '../errors.ts';
import { sqlStateOf } from './pg-errors.ts';

/** Where the next page of a list starts: the sort key and the id of the last row, opaque to the caller. */
export interface Cursor {
  readonly key: string;
  readonly id: string;
}

/** `list` names the list and its order, so that a cursor of another one is refused instead of misread. */
export function encodeCursor(list: string, cursor: Cursor): string {
  return Buffer.from(JSON.stringify([list, cursor.key, cursor.id])).toString('base64url');
}

/** Throws CURSOR_INVALID. */
export function decodeCursor(list: string, text: string): Cursor {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 3 && parsed.every((part) => typeof part === 'string')) {
      const [name, key, id] = parsed as [string, string, string];
      if (name === list && !key.includes('\0') && !id.includes('\0')) return { key, id };
    }
  } catch {
    // Falls through: whatever it is, it is no cursor.
  }
  throw cursorInvalid();
}

/**
 * Runs the query of a page. A cursor whose key is no value of its column can only be one that somebody made up.
 * Throws CURSOR_INVALID.
 */
export async function readPage<Page>(cursor: string | undefined, read: () => Promise<Page>): Promise<Page> {
  try {
    return await read();
  } catch (error) {
    if (cursor !== undefined && sqlStateOf(error)?.startsWith('22')) throw cursorInvalid();
    throw error;
  }
}

function cursorInvalid(): TenantryError {
  return new TenantryError(
    'CURSOR_INVALID',
    'The cursor does not belong to this list and order. Start without one.',
  );
}

/** Above this a list stops counting: an exact count of a large table costs more than anybody learns from it. */
export const countLimit = 10_001;

/** The rows of a page and what stands around them, from one row more than the page holds. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  total: number,
  list: string,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => Cursor,
): { items: Item[]; nextCursor: string | null; total: number; totalIsExact: boolean; asOf: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(list, toCursor(last)) : null,
    total,
    totalIsExact: total < countLimit,
    asOf: new Date().toISOString(),
  };
}

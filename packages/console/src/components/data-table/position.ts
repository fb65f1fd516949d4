import type { ListPosition } from './types.ts';

/** A change of what a list shows, as of the address: it begins at its first page again. */
export function fromFirstPage<S>(change: Partial<S>): Partial<S> {
  return { ...change, cursor: undefined, page: undefined };
}

/** Another page of a list, as of the address: what the position does not name is taken away from it. */
export function pageAt<S extends ListPosition>({ cursor, page, limit }: ListPosition): Partial<S> {
  // Every list has these three in its address; which sizes it takes it checks when it reads them.
  return { cursor, page, limit } as Partial<S>;
}

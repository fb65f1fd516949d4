import type { Layout } from './types.ts';

/** A layout as the statements of checks take it: `$1`, JSON. `names` are the tenants' schemas where a query has found them. */
export function layoutParameter(layout: Layout, names?: readonly string[]): string {
  return JSON.stringify({
    ...layout,
    tenants: {
      ...layout.tenants,
      ...(names === undefined || layout.tenants.query === null ? {} : { names }),
    },
    // Compared in JavaScript, and of no use to PostgreSQL.
    accepted: undefined,
  });
}

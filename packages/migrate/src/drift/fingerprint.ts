import { createHash } from 'node:crypto';

import { SNAPSHOT_FORMAT } from './types.ts';
import type { Json, SchemaSnapshot } from './types.ts';

/**
 * One short name for a structure: equal for equal schemas under different names, different after any change that SQL can
 * see, the order of columns included, since `SELECT *` and `INSERT` without a list see it. Compare fingerprints of one
 * major version of PostgreSQL; another spells definitions in another way.
 *
 * @returns the snapshot's format and the sha256 of its objects as canonical JSON, in hexadecimal
 * @example
 * ```ts
 * fingerprint(await snapshotSchema(client, 'shop'));  // '1:9f86d081884c7d65…'
 * ```
 */
export function fingerprint(snapshot: SchemaSnapshot): string {
  const hash = createHash('sha256')
    .update(canonicalJson(snapshot.objects as unknown as Json))
    .digest('hex');
  return `${SNAPSHOT_FORMAT}:${hash}`;
}

/** JSON with sorted keys and no blanks: equal values give equal texts. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

import { escapeIdentifier } from 'pg';

/** Flyway's own lock number: the bytes of "Flyway". */
const FLYWAY = 77_431_708_279_161n;

/**
 * The key of the advisory lock that Flyway takes for one history table, so that a running Flyway and this engine keep
 * each other out.
 *
 * @example
 * ```ts
 * advisoryKey('t1', 'flyway_schema_history');  // 77430107090841n
 * ```
 */
export function advisoryKey(schema: string, table: string): bigint {
  const name = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(31, hash) + name.charCodeAt(i)) | 0;
  return FLYWAY + BigInt(hash);
}

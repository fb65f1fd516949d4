/** What one query of the playground may take. */
export const limits = {
  /** Milliseconds, by PostgreSQL's own statement_timeout. */
  ms: 2_000,
  rows: 200,
  /** Of all values together. */
  bytes: 256 * 1024,
} as const;

import pg from 'pg';
import type { AttackPair } from '../canaries.ts';

/** Puts the names of a run into the statements of an attack. */
export function fill(sql: string, pair: AttackPair, pid: number): string {
  const { a, b } = pair;
  const values: Readonly<Record<string, string>> = {
    a: a.schema,
    'a.role': a.role,
    'a.owner': a.owner,
    b: b.schema,
    'b.role': b.role,
    'b.owner': b.owner,
    run: pair.run,
    pid: String(pid),
    lo: String(pair.largeObject ?? 0),
    table: String(pair.table),
    database: pair.address.database,
    control: pair.controlRole,
    superuser: pair.superuser,
  };
  // Names of a run need no quotes; these three are somebody else's, and stand inside of strings too.
  const foreign = ['database', 'control', 'superuser'];
  return sql.replaceAll(/('?)\{([a-z.]+)\}/g, (whole, quote: string, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (quote !== '' || !foreign.includes(name)) return quote + value.replaceAll("'", "''");
    return pg.escapeIdentifier(value);
  });
}

import pg from 'pg';
import { asOwner } from '../build.ts';
import { inControl } from '../cell/cell.ts';
import { kitOf } from '../members.ts';
import type { TestTenant } from '../options.ts';

const { escapeIdentifier, escapeLiteral } = pg;

interface Content {
  readonly rows: string;
  readonly checksum: string;
}

/** What stands in each table and each sequence of a tenant, in so many bytes. */
export type Snapshot = ReadonlyMap<string, Content>;

/** Reads all that a tenant has, as its owner. */
export function takeSnapshot(tenant: TestTenant, ignored: readonly string[]): Promise<Snapshot> {
  const { cell } = kitOf(tenant);
  return inControl(cell, (client) =>
    asOwner(client, tenant.tenant, async () => {
      const { rows: relations } = await client.query<{ name: string; kind: string }>(
        `SELECT relname AS name, relkind AS kind FROM pg_class
          WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'S') AND relname <> ALL ($2) ORDER BY 1`,
        [tenant.tenant, ignored],
      );
      if (relations.length === 0) return new Map();
      const parts = relations.map(({ name, kind }) => (kind === 'r' ? tableSql(name) : sequenceSql(name)));
      const { rows } = await client.query<Content & { name: string }>(parts.join('\nUNION ALL\n'));
      return new Map(rows.map(({ name, ...content }) => [name, content]));
    }),
  );
}

function tableSql(name: string): string {
  return `SELECT ${escapeLiteral(name)} AS name, count(*)::text AS rows,
    coalesce(md5(string_agg(md5(r::text), '' ORDER BY md5(r::text))), '') AS checksum FROM ${escapeIdentifier(name)} AS r`;
}

function sequenceSql(name: string): string {
  return `SELECT ${escapeLiteral(name)}, 'at ' || last_value, is_called::text FROM ${escapeIdentifier(name)}`;
}

/** What is different, a line for each table; nothing where all is as it was. */
export function differences(before: Snapshot, after: Snapshot): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was?.checksum === is?.checksum && was?.rows === is?.rows) return [];
    if (was === undefined) return [`${name} was made`];
    if (is === undefined) return [`${name} was dropped`];
    return [
      was.rows === is.rows
        ? `rows of ${name} were changed`
        : `${name} had ${was.rows} rows and has ${is.rows}`,
    ];
  });
}

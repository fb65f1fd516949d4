import { escapeIdentifier } from 'pg';
import type { Client, PoolClient } from 'pg';

import { MigrateError } from '../errors.ts';
import { catalogQuery } from './catalog.ts';
import { createMask } from './mask.ts';
import type { Mask } from './mask.ts';
import { findSchema } from './scope.ts';
import { SNAPSHOT_FORMAT } from './types.ts';
import type { Json, SchemaObject, SchemaSnapshot, SnapshotOptions } from './types.ts';

const DEFAULT_TABLE = 'flyway_schema_history';

/** What a row of the catalog query holds. */
interface ObjectRow {
  readonly kind: string;
  readonly name: string;
  readonly arguments: string;
  readonly parent: string | null;
  readonly properties: Readonly<Record<string, Json>>;
}

/**
 * Reads the structure of one schema: what SQL says it is, without data, statistics, oids or the history table. Equal
 * schemas under different names give equal snapshots. Takes some 10 ms for 20 tables, in a database of one schema or of
 * thousands. The current role needs USAGE on the schema: without it PostgreSQL spells names in another way.
 *
 * In a transaction of the caller it becomes part of that; else it runs in one of its own, in one MVCC snapshot.
 *
 * @throws MigrateError SCHEMA_MISSING, SCHEMA_FORBIDDEN
 * @example
 * ```ts
 * const canary = await snapshotSchema(client, 't_canary');
 * const other = await snapshotSchema(client, 't_other');
 * if (fingerprint(canary) !== fingerprint(other)) console.log(renderDiff(diffSchemas(canary, other)));
 * // ~ column orders.total  type: numeric(10,2) -> numeric(12,2)
 * ```
 */
export async function snapshotSchema(
  client: Client | PoolClient,
  schema: string,
  options: SnapshotOptions = {},
): Promise<SchemaSnapshot> {
  const own = client.getTransactionStatus() === 'I';
  if (own) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const settings = await quietSettings(client);
    const found = await findSchema(client, schema, options.table ?? DEFAULT_TABLE);
    const rows = found?.usable === true ? await readObjects(client, schema, found) : [];
    if (own) await client.query('COMMIT');
    else await restoreSettings(client, settings);
    if (found === null || !found.usable) throw refusal(schema, found !== null);
    const { owner, names } = found;
    const mask = createMask({ schema, owner, roles: options.roles ?? {}, objects: names });
    const objects = rows.map((row) => maskedObject(row, mask)).toSorted(byKey);
    return { format: SNAPSHOT_FORMAT, server: found.server, objects };
  } catch (error) {
    if (own && client.getTransactionStatus() !== 'I') await client.query('ROLLBACK');
    throw error;
  }
}

function refusal(schema: string, exists: boolean): MigrateError {
  if (exists) {
    return new MigrateError('SCHEMA_FORBIDDEN', `the current role has no USAGE on the schema ${schema}`, {
      hint: 'SET ROLE to its owner, or have USAGE granted.',
    });
  }
  return new MigrateError('SCHEMA_MISSING', `there is no schema ${schema}`, {
    hint: 'Name one of this database’s schemas, as it is spelled without quotes.',
  });
}

interface Settings {
  readonly path: string;
  readonly jit: string;
}

/**
 * Nothing of the caller's search_path may stand in for PostgreSQL's own functions, so this statement, which is parsed under
 * it, has qualified names and no operators. JIT would compile a large query that reads a few hundred rows.
 */
async function quietSettings(client: Client | PoolClient): Promise<Settings> {
  const { rows } = await client.query<Settings>(`
    SELECT pg_catalog.current_setting('search_path') AS path, pg_catalog.current_setting('jit') AS jit,
      pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('jit', 'off', true)`);
  return rows[0] ?? { path: '', jit: 'on' };
}

async function restoreSettings(client: Client | PoolClient, { path, jit }: Settings): Promise<void> {
  await client.query(
    `SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', $2, true)`,
    [path, jit],
  );
}

async function readObjects(
  client: Client | PoolClient,
  schema: string,
  found: NonNullable<Awaited<ReturnType<typeof findSchema>>>,
): Promise<readonly ObjectRow[]> {
  // pg_catalog first here too: PostgreSQL's own deparser runs queries under this path.
  const query = catalogQuery(found, `pg_catalog, ${escapeIdentifier(schema)}, pg_temp`);
  const { rows } = await client.query<ObjectRow>(query.text, [...query.values]);
  return rows;
}

function maskedObject(row: ObjectRow, mask: Mask): SchemaObject {
  const { kind, parent, properties } = row;
  const name =
    kind === 'default privileges'
      ? `of ${mask.role(row.arguments)} on ${row.name}`
      : row.name + mask.text(row.arguments);
  return { kind, name, parent, properties: maskedProperties(properties, mask) };
}

function maskedProperties(properties: ObjectRow['properties'], mask: Mask): SchemaObject['properties'] {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      maskedProperty(key, value, properties['owner'], mask),
    ]),
  );
}

function maskedProperty(key: string, value: Json, owner: Json | undefined, mask: Mask): Json {
  switch (key) {
    case 'owner':
      return typeof value === 'string' ? mask.role(value) : value;
    case 'roles':
      return Array.isArray(value)
        ? value.flatMap((role: Json) => (typeof role === 'string' ? [mask.role(role)] : [])).toSorted()
        : value;
    case 'grants':
      return maskedGrants(value, owner, mask);
    case 'columns':
    case 'labels':
      return value;
    default:
      return maskedText(value, mask);
  }
}

/** The object's own owner is called so: another owner is one difference, not three. */
function maskedGrants(value: Json, owner: Json | undefined, mask: Mask): Json {
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([role, held]) => [role === owner ? '(owner)' : mask.role(role), held]),
  );
}

function maskedText(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask.text(value);
  if (Array.isArray(value)) return value.map((item: Json) => maskedText(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskedText(item, mask)]));
}

function byKey(a: SchemaObject, b: SchemaObject): number {
  const [x, y] = [`${a.kind} ${a.name}`, `${b.kind} ${b.name}`];
  return x < y ? -1 : x > y ? 1 : 0;
}

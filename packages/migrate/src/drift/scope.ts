import type { Client, PoolClient } from 'pg';

/** The oids of what a schema holds, by catalog, and what is needed to read it. */
export interface FoundSchema {
  readonly oid: number;
  readonly ownerOid: number;
  readonly owner: string;
  readonly server: number;
  /** Whether the current role has USAGE. */
  readonly usable: boolean;
  /** Oids by catalog, those of `pg_class` by catalog and relkind: `pg_proc`, `pg_class r`. */
  readonly oids: ReadonlyMap<string, readonly number[]>;
  /** Names of its relations, functions and types. */
  readonly names: ReadonlySet<string>;
}

interface SchemaRow {
  readonly oid: number;
  readonly owner_oid: number;
  readonly owner: string;
  readonly server: number;
  readonly usable: boolean;
}

interface HeldRow {
  readonly catalog: string;
  readonly relkind: string | null;
  readonly oids: readonly number[];
  readonly names: readonly (string | null)[];
}

/**
 * By way of pg_depend, whose index leads from a schema to what it holds: 1.4 ms in a database of 4,000 schemas, where
 * pg_class, which has no index on the schema, takes 190. What extensions brought is theirs. Scalar subqueries keep the
 * planner from joining whole catalogs on a stale estimate.
 */
const held = `
SELECT held.catalog, held.relkind, array_agg(held.objid::int8) AS oids, array_agg(held.name::text) AS names
FROM (
  SELECT k.relname AS catalog, d.objid,
    CASE WHEN d.classid = 'pg_class'::regclass THEN (SELECT c.relkind FROM pg_class c WHERE c.oid = d.objid) END AS relkind,
    CASE d.classid
      WHEN 'pg_class'::regclass THEN (SELECT c.relname FROM pg_class c WHERE c.oid = d.objid)
      WHEN 'pg_proc'::regclass THEN (SELECT p.proname FROM pg_proc p WHERE p.oid = d.objid)
      WHEN 'pg_type'::regclass THEN (SELECT t.typname FROM pg_type t WHERE t.oid = d.objid)
    END AS name
  FROM pg_depend d, pg_class k
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::oid AND k.oid = d.classid
    AND (SELECT true FROM pg_depend e
         WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e' LIMIT 1) IS NULL
) held
WHERE held.catalog <> 'pg_class' OR held.name <> $2::name
GROUP BY held.catalog, held.relkind`;

/** Finds a schema and what it holds, but for the history table; null where there is none of that name. */
export async function findSchema(
  client: Client | PoolClient,
  schema: string,
  table: string,
): Promise<FoundSchema | null> {
  const { rows: schemas } = await client.query<SchemaRow>(
    `SELECT oid::int8::float8 AS oid, nspowner::int8::float8 AS owner_oid, pg_get_userbyid(nspowner)::text AS owner,
       current_setting('server_version_num')::int / 10000 AS server,
       has_schema_privilege(oid, 'USAGE') AS usable
     FROM pg_namespace WHERE nspname = $1::name`,
    [schema],
  );
  const [found] = schemas;
  if (found === undefined) return null;
  const { rows } = await client.query<HeldRow>(held, [found.oid, table]);
  const oids = new Map(
    rows.map(({ catalog, relkind, oids: list }) => [
      relkind === null ? catalog : `${catalog} ${relkind}`,
      list.map(Number),
    ]),
  );
  const names = new Set(rows.flatMap(({ names: list }) => list.filter((name) => name !== null)));
  return {
    oid: found.oid,
    ownerOid: found.owner_oid,
    owner: found.owner,
    server: found.server,
    usable: found.usable,
    oids,
    names,
  };
}

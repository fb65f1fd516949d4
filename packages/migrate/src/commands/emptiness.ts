import type { Session } from '../execute/session.ts';

/** Tables, views, sequences, types and functions that no extension brought: what Flyway counts. */
const NOT_EMPTY = `SELECT n.nspname::text AS schema FROM pg_catalog.pg_namespace n
WHERE n.nspname = ANY ($1) AND (
  EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 't')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.objid = c.oid AND d.deptype = 'e'))
  OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid AND t.typcategory NOT IN ('A', 'C')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
      AND d.objid = t.oid AND d.deptype = 'e'))
  OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      AND d.objid = p.oid AND d.deptype = 'e')))`;

/** Those of the session's schemas that hold anything, in the order of the settings. */
export async function nonEmptySchemas(session: Session): Promise<readonly string[]> {
  const { rows } = await session.client.query<{ schema: string }>(NOT_EMPTY, [session.schemas]);
  const found = new Set(rows.map(({ schema }) => schema));
  return session.schemas.filter((schema) => found.has(schema));
}

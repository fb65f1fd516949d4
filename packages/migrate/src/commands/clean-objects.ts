import { escapeIdentifier } from 'pg';

import type { Session } from '../execute/session.ts';

interface Held {
  readonly type: string;
  readonly identity: string;
}

/**
 * Everything that lies in the schemas by itself: whatever lies in a schema has a row in pg_depend that says so. Members of
 * extensions go and stay with them; indexes, constraints, triggers and partitions go with their tables.
 */
const HELD = `SELECT o.type, o.identity
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid
  AND d.deptype = 'n'
CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) o
WHERE n.nspname = ANY ($1)
  AND d.classid NOT IN ('pg_catalog.pg_extension'::pg_catalog.regclass, 'pg_catalog.pg_default_acl'::pg_catalog.regclass)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
ORDER BY d.classid, d.objid DESC`;

const EXTENSIONS = `SELECT e.extname::text AS name FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname = ANY ($1) AND e.extowner = pg_catalog.quote_ident(current_user)::pg_catalog.regrole::pg_catalog.oid`;

/** What DROP calls it, where that is not what PostgreSQL's own description says. */
const WORDS: Readonly<Record<string, string>> = {
  'composite type': 'TYPE',
  'statistics object': 'STATISTICS',
};

/** The statements that empty the schemas; every one may find its object gone already, with another. */
export async function dropStatements(
  session: Session,
  schemas: readonly string[],
): Promise<readonly string[]> {
  const held = await session.client.query<Held>(HELD, [schemas]);
  const extensions = await session.client.query<{ name: string }>(EXTENSIONS, [schemas]);
  return [
    ...held.rows.map(
      ({ type, identity }) => `DROP ${WORDS[type] ?? type.toUpperCase()} IF EXISTS ${identity} CASCADE`,
    ),
    ...extensions.rows.map(({ name }) => `DROP EXTENSION IF EXISTS ${escapeIdentifier(name)} CASCADE`),
  ];
}

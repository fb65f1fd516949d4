import type { RegisteredTenant } from '@tenantry/isolation';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** A tenant or a spare as the control schema has it. */
export interface RegistryEntry extends RegisteredTenant {
  /** Another one whenever anything about it changes. */
  readonly version: string;
  /** Of a tenant, not of a spare. */
  readonly tenantId: string | null;
}

/** What the audit needs to know of a cell besides its catalogs. */
export interface Registry {
  readonly entries: ReadonlyMap<string, RegistryEntry>;
  /** Logins of readers that are not closed. */
  readonly readers: readonly string[];
  readonly lanes: readonly ('sealed' | 'leased')[];
  readonly extensions: readonly string[];
}

interface Row {
  readonly schema: string;
  readonly state: RegisteredTenant['state'];
  readonly version: string;
  readonly tenant_id: string | null;
}

/**
 * One statement, and so one snapshot. What an unfinished operation is about is `changing`: it may be there or not, open or shut, and
 * nothing of that is wrong.
 */
const entriesSql = (cellId: string) => sql<Row>`
  SELECT t.schema_name AS schema, t.id AS tenant_id,
         t.version || ' ' || t.state || ' ' || coalesce(o.id, '') AS version,
         CASE WHEN o.id IS NOT NULL OR t.state IN ('provisioning', 'failed') THEN 'changing'
              WHEN t.state = 'active' THEN 'open' ELSE 'closed' END AS state
    FROM tenantry.tenants t
    LEFT JOIN tenantry.operations o ON o.tenant_id = t.id AND o.finished_at IS NULL
   WHERE t.cell_id = ${cellId} AND (t.state <> 'deleted' OR o.id IS NOT NULL)
  UNION ALL
  SELECT s.id, NULL, s.state, CASE s.state WHEN 'ready' THEN 'open' ELSE 'changing' END
    FROM tenantry.spares s WHERE s.cell_id = ${cellId}`;

/** What the control schema says of a cell now. */
export async function readRegistry(db: Database, cellId: string): Promise<Registry> {
  const [{ rows }, readers, cell] = await Promise.all([
    entriesSql(cellId).execute(db),
    db
      .selectFrom('readers')
      .select('login')
      .where('cell_id', '=', cellId)
      .where('state', '<>', 'closed')
      .execute(),
    db
      .selectFrom('cells')
      .select(['lanes', 'allowed_extensions'])
      .where('id', '=', cellId)
      .executeTakeFirstOrThrow(),
  ]);
  return {
    entries: new Map(
      rows.map(({ schema, state, version, tenant_id }) => [
        schema,
        { schema, state, version, tenantId: tenant_id },
      ]),
    ),
    readers: readers.map(({ login }) => login),
    lanes: cell.lanes,
    extensions: cell.allowed_extensions,
  };
}

/** Schemas of which two readings say something else: whatever was found about them in between may be on its way. */
export function changedBetween(before: Registry, after: Registry): ReadonlySet<string> {
  const names = new Set([...before.entries.keys(), ...after.entries.keys()]);
  return new Set(
    [...names].filter((name) => {
      const [was, is] = [before.entries.get(name), after.entries.get(name)];
      return was?.version !== is?.version || was?.state === 'changing' || is?.state === 'changing';
    }),
  );
}

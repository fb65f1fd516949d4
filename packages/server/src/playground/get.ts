import { sql } from 'kysely';
import { sandboxLabel, type Playground, type PlaygroundTenant } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { lookInside } from '../tenants/inside.ts';
import { selectTenants, type TenantRecord } from '../tenants/rows.ts';
import { limits } from './limits.ts';

const mostTenants = 20;
const mostTables = 50;

const tablesOf = `
  SELECT c.relname AS name
    FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
   WHERE d.refclassid = 'pg_namespace'::regclass
     AND d.refobjid = (SELECT oid FROM pg_namespace WHERE nspname = $1)
     AND d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND c.relkind IN ('r', 'p', 'v', 'm')
   ORDER BY (c.relname = 'flyway_schema_history'), c.relname LIMIT ${mostTables}`;

/** The sandbox tenants, oldest first, and queries that show how PostgreSQL keeps them apart. */
export async function getPlayground(ctx: Context): Promise<Playground> {
  const rows = await sandboxes(ctx);
  const tenants: PlaygroundTenant[] = [];
  for (const row of rows) tenants.push(await toPlaygroundTenant(ctx, row));
  return { tenants, examples: examplesFor(tenants), limits };
}

/** Active tenants with the label that lets them be queried. */
export function sandboxes(ctx: Context): Promise<TenantRecord[]> {
  const label = JSON.stringify({ [sandboxLabel.key]: sandboxLabel.value });
  let query = selectTenants(ctx.control.db)
    .where('tenants.state', '=', 'active')
    .where(sql<boolean>`tenants.labels @> ${label}::jsonb`);
  if (ctx.onlyTenant !== null) query = query.where('tenants.id', '=', ctx.onlyTenant);
  return query.orderBy('tenants.created_at').orderBy('tenants.id').limit(mostTenants).execute();
}

async function toPlaygroundTenant(ctx: Context, row: TenantRecord): Promise<PlaygroundTenant> {
  const tables = await lookInside(ctx, row.id, ({ as }) =>
    as('control', async (client) => {
      const { rows } = await client.query<{ name: string }>(tablesOf, [row.schema_name]);
      return rows.map(({ name }) => name);
    }),
  );
  return { id: row.id, slug: row.slug ?? row.id, name: row.name, schema: row.schema_name, tables };
}

function examplesFor(tenants: readonly PlaygroundTenant[]): Playground['examples'] {
  const [a, b] = tenants;
  if (!a) return [];
  const [table = 'flyway_schema_history'] = a.tables;
  const own: Playground['examples'] = [
    {
      title: 'Its own table',
      tenant: a.id,
      sql: `SELECT * FROM ${quoted(table)} LIMIT 20`,
      expects: 'rows',
    },
    {
      title: 'Who it is',
      tenant: a.id,
      sql: 'SELECT session_user, current_user, current_schemas(false)',
      expects: 'rows',
    },
    {
      title: 'The registry of tenants',
      tenant: a.id,
      sql: 'SELECT id, name FROM tenantry.tenants',
      expects: '42501',
    },
  ];
  if (!b) return own;
  const foreign = `${quoted(b.schema)}.${quoted(b.tables[0] ?? 'flyway_schema_history')}`;
  return [
    ...own,
    { title: 'A table of its neighbour', tenant: a.id, sql: `SELECT * FROM ${foreign}`, expects: '42501' },
    {
      title: 'The same through XML, as an injected query would',
      tenant: a.id,
      sql: `SELECT query_to_xml('SELECT * FROM ${foreign}', true, false, '')`,
      expects: '42501',
    },
    { title: 'Becoming its neighbour', tenant: a.id, sql: `SET ROLE ${quoted(b.schema)}`, expects: '42501' },
    {
      title: 'Becoming it in a SELECT',
      tenant: a.id,
      sql: `SELECT set_config('role', '${b.schema}', false)`,
      expects: '42501',
    },
  ];
}

/** As a person would write it: quoted where it must be. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

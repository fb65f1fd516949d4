import type pg from 'pg';
import { auditCatalog } from '../audit.ts';
import { tenantryLayout } from '../layout/tenantry.ts';
import type { Layout } from '../layout/types.ts';
import { askOracle } from '../oracle.ts';
import type { Verified } from '../run.ts';

/**
 * The catalog audit and the rights oracle, one after the other: two ways that share no logic, so that a hole in one is found by the
 * other.
 */
export async function verify(client: pg.ClientBase, config: unknown): Promise<Verified> {
  const layout = await layoutOf(client, config);
  // What somebody is just making or dropping is no finding: only what is still there a moment later.
  const twice = { confirmAfterMs: 1000 };
  const audit = await auditCatalog(client, layout, twice);
  const oracle = await askOracle(client, layout, twice);
  return {
    checks: [...audit.checks, ...oracle.checks],
    findings: [...audit.findings, ...oracle.findings],
    accepted: [...audit.accepted, ...oracle.accepted],
    tenants: audit.tenants,
    registered: layout.registry?.length ?? null,
  };
}

/** What the file says; without one a Tenantry cell, whose control role owns the lease functions, or else the database. */
export async function layoutOf(client: pg.ClientBase, config: unknown): Promise<Layout> {
  if (config !== undefined) return (await import('../layout.ts')).layoutFromFile(config);
  const { rows } = await client.query<{ database: string; control: string; leased: boolean }>(
    `SELECT d.datname::text AS database, pg_get_userbyid(coalesce(n.nspowner, d.datdba))::text AS control, n.oid IS NOT NULL AS leased
       FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'tenantry_lease' WHERE d.datname = current_database()`,
  );
  const { database, control, leased } = rows[0]!;
  return tenantryLayout({ database, control, lanes: leased ? ['sealed', 'leased'] : ['sealed'] });
}

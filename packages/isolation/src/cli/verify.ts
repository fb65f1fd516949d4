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
  const audit = await auditCatalog(client, layout);
  const oracle = await askOracle(client, layout);
  return {
    checks: [...audit.checks, ...oracle.checks],
    findings: [...audit.findings, ...oracle.findings],
    accepted: [...audit.accepted, ...oracle.accepted],
    tenants: audit.tenants,
    registered: layout.registry?.length ?? null,
  };
}

/** What the file says; without one a Tenantry cell, whose control role is who is connected. */
export async function layoutOf(client: pg.ClientBase, config: unknown): Promise<Layout> {
  if (config !== undefined) return (await import('../layout.ts')).layoutFromFile(config);
  const { rows } = await client.query<{ database: string; control: string; leased: boolean }>(
    `SELECT current_database()::text AS database, current_user::text AS control,
            to_regnamespace('tenantry_lease') IS NOT NULL AS leased`,
  );
  const { database, control, leased } = rows[0]!;
  return tenantryLayout({ database, control, lanes: leased ? ['sealed', 'leased'] : ['sealed'] });
}

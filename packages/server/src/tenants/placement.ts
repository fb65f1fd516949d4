import { createHash } from 'node:crypto';
import { domainPrefix, type CellLane, type Placement, type TenantState } from '@tenantry/contract';
import { isTenantId, type CellAddress } from '@tenantry/tenancy';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { domainOf } from './domain.ts';

interface PlacementRow {
  readonly id: string;
  readonly slug: string;
  readonly schema_name: string;
  readonly credential_version: number;
  readonly isolation: Placement['level'];
  readonly cell_id: string;
  readonly lanes: CellLane[];
  readonly slots: number;
}

const select = `
  SELECT t.id, t.slug, t.schema_name, t.credential_version, t.isolation, c.id AS cell_id, c.lanes, c.slots
    FROM tenantry.tenants t JOIN tenantry.cells c ON c.id = t.cell_id`;

/** Named, so that each connection plans each of them once: applications ask for one at every start and every change. */
const queries = {
  id: { name: 'placement-by-id', text: `${select} WHERE t.state = 'active' AND t.id = $1` },
  slug: { name: 'placement-by-slug', text: `${select} WHERE t.state = 'active' AND t.slug = $1` },
  domain: {
    name: 'placement-by-domain',
    text: `${select} JOIN tenantry.tenant_domains d ON d.tenant_id = t.id WHERE t.state = 'active' AND d.domain = $1`,
  },
} as const;

/**
 * Where an active tenant lives, by its id, its slug, or `domain:` and a custom domain. Throws TENANT_NOT_FOUND for
 * everything else, an unknown tenant and one that is suspended alike, after the same one query.
 */
export async function getPlacement(ctx: Context, ref: string): Promise<Placement> {
  const [kind, value] = subjectOf(ref);
  const { rows } = await ctx.control.pool.query<PlacementRow>({ ...queries[kind], values: [value] });
  const row = rows[0];
  if (!row || (ctx.onlyTenant !== null && row.id !== ctx.onlyTenant))
    throw new TenantryError('TENANT_NOT_FOUND');
  const { address } = await ctx.cells.get(row.cell_id);
  return toPlacement(row, address);
}

/** A tenant that an application may have asked for, whatever its state. */
export interface PlacedTenant {
  readonly id: string;
  readonly state: TenantState;
  readonly cell: string;
}

/** Whose a reference of {@link getPlacement} is; never told to who asked. */
export async function findPlaced(ctx: Context, ref: string): Promise<PlacedTenant | undefined> {
  const [kind, value] = subjectOf(ref);
  const where = {
    id: 't.id = $1',
    slug: 't.slug = $1',
    domain: 't.id = (SELECT d.tenant_id FROM tenantry.tenant_domains d WHERE d.domain = $1)',
  }[kind];
  const { rows } = await ctx.control.pool.query<PlacedTenant>(
    `SELECT t.id, t.state, t.cell_id AS cell FROM tenantry.tenants t WHERE ${where}`,
    [value],
  );
  return rows[0];
}

/** The same for the same placement, so that an application which has it is told no more than that. */
export function placementTag(placement: Placement): string {
  return `"${createHash('sha256').update(JSON.stringify(placement)).digest('base64url').slice(0, 22)}"`;
}

function subjectOf(ref: string): readonly [kind: keyof typeof queries, value: string] {
  if (isTenantId(ref)) return ['id', ref];
  if (!ref.startsWith(domainPrefix)) return ['slug', ref];
  return ['domain', domainOf(ref.slice(domainPrefix.length)) ?? ''];
}

function toPlacement(row: PlacementRow, address: CellAddress): Placement {
  const { host, port, database } = address;
  const ssl = publicTls(address.ssl);
  return {
    tenant: row.id,
    slug: row.slug,
    state: 'active',
    schema: row.schema_name,
    credentialVersion: row.credential_version,
    level: row.isolation,
    cell: {
      id: row.cell_id,
      hosts: [{ host, port }],
      database,
      ...(ssl === undefined ? {} : { ssl }),
      lanes: row.lanes,
      slots: row.slots,
    },
  };
}

/** What a client needs to check the server. A certificate of the control role's own, and its key, stay here. */
export function publicTls(ssl: CellAddress['ssl']): Placement['cell']['ssl'] {
  if (typeof ssl !== 'object') return ssl;
  const { rejectUnauthorized, ca } = ssl;
  return {
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(typeof ca === 'string' ? { ca } : {}),
  };
}

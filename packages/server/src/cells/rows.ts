import type { Selectable } from 'kysely';
import type { Cell, CellLane } from '@tenantry/contract';
import type { Database, Tx } from '../db/database.ts';
import type { CellRow } from '../db/types.ts';

/** Cells with what lives in them. */
export function selectCells(db: Database | Tx) {
  return db
    .selectFrom('cells')
    .selectAll('cells')
    .select((eb) => [
      eb
        .selectFrom('tenants')
        .select((count) => count.fn.countAll<string>().as('n'))
        .whereRef('tenants.cell_id', '=', 'cells.id')
        .where('tenants.state', '<>', 'deleted')
        .as('tenant_count'),
      eb
        .selectFrom('spares')
        .select((count) => count.fn.countAll<string>().as('n'))
        .whereRef('spares.cell_id', '=', 'cells.id')
        .where('spares.state', '=', 'ready')
        .as('spare_count'),
    ]);
}

/** Enough for a long tail of tenants, and few of what a PostgreSQL can have. */
export const defaultSlots = 16;

/** The slots that a cell needs: none where it does not allow leases. */
export function leasedSlots({
  lanes,
  slots,
}: {
  readonly lanes: readonly CellLane[];
  readonly slots: number;
}): number {
  return lanes.includes('leased') ? slots : 0;
}

export function toCell(
  row: Selectable<CellRow> & { readonly tenant_count: string | null; readonly spare_count: string | null },
): Cell {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    isDefault: row.is_default,
    host: row.host,
    login: row.login,
    serverVersion: row.server_version,
    allowedExtensions: row.allowed_extensions,
    lanes: row.lanes,
    slots: row.slots,
    tenants: Number(row.tenant_count),
    spares: Number(row.spare_count),
    createdAt: row.created_at.toISOString(),
  };
}

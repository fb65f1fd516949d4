import type { Cell, CellHealth } from '@tenantry/contract';
import { selectCells, toCell } from '../cells/rows.ts';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';

/** Milliseconds: a cell that takes longer does not keep the others from being shown. */
const patience = 2_000;

interface Answer {
  readonly version: string;
  readonly used: number;
  readonly limit: number;
}

/** Every cell, asked now. */
export async function readCellHealth(ctx: Context): Promise<CellHealth[]> {
  const rows = await selectCells(ctx.control.db).orderBy('is_default', 'desc').orderBy('name').execute();
  return Promise.all(rows.map((row) => healthOf(ctx, toCell(row))));
}

async function healthOf(ctx: Context, cell: Cell): Promise<CellHealth> {
  const { id, name, kind, isDefault, tenants, spares } = cell;
  const started = performance.now();
  const known = { id, name, kind, isDefault, tenants, spares };
  try {
    const { version, used, limit } = await withPatience(ask(ctx, id));
    const ms = Math.round((performance.now() - started) * 10) / 10;
    return { ...known, up: true, ms, serverVersion: version, connections: { used, limit }, problem: null };
  } catch (error) {
    if (!(error instanceof TenantryError)) ctx.log.warn({ err: error, cell: name }, 'A cell did not answer');
    const problem = error instanceof TenantryError ? error.message : 'It did not answer.';
    return { ...known, up: false, ms: null, serverVersion: null, connections: null, problem };
  }
}

async function ask(ctx: Context, id: string): Promise<Answer> {
  const cell = await ctx.cells.get(id);
  return cell.withConnection(async (client) => {
    const { rows } = await client.query<Answer>(`
      SELECT current_setting('server_version') AS version,
             current_setting('max_connections')::int AS limit,
             (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used`);
    return rows[0]!;
  });
}

async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TenantryError('CELL_UNREACHABLE', `It did not answer within ${patience / 1000} s.`)),
      patience,
    );
  });
  // Nobody waits for it any more when it is late.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

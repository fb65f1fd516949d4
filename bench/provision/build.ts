import type { MigrationSet } from '@tenantry/migrate';
import { newTenantId } from '@tenantry/tenancy';
import { buildSchema } from '../../packages/server/src/tenants/schema/build.ts';
import type { BenchCell } from '../lib/cell.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, type Row } from '../lib/report.ts';
import { Floor } from './floor.ts';

const signal = new AbortController().signal;

/** Roles, schema and every migration of the configured directory, as an operation's first step builds them. */
export async function buildWithProduct(bench: BenchCell, set: MigrationSet): Promise<void> {
  await buildSchema({
    tenant: newTenantId(),
    cell: bench.cell,
    set,
    placeholders: {},
    credentialKey: bench.ctx.cells.credentialKey,
    credentialVersion: 1,
    leased: true,
    signal,
    beforeCommit: () => Promise.resolve(),
  });
}

/** Row 1: the product's build against the floor, with `population` tenants in the cell. */
export async function measureBuild(
  bench: BenchCell,
  ddl: string,
  population: number,
  rounds: number,
): Promise<Row> {
  const { set } = await bench.ctx.migrations.current();
  const ms = await interleave(rounds, {
    // The pool gives both the same connection; neither the wait for it nor its cleaning is the floor's.
    floor: () =>
      bench.cell.withConnection(async (client) => {
        const floor = await Floor.on(client);
        return timed(() => floor.build(ddl));
      }),
    product: () => timed(() => buildWithProduct(bench, set)),
  });
  return compared(`build at ${String(population)} tenants`, ms.product, 'floor', ms.floor, 1.25);
}

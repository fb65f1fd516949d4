import { randomBase32 } from '@tenantry/tenancy';
import type { BenchCell } from '../lib/cell.ts';
import { openApi } from '../lib/api.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, type Row } from '../lib/report.ts';
import { Floor } from './floor.ts';

/**
 * Row 2: from POST /v1/tenants to the event that says the operation has succeeded, without a warm pool: audit, queue,
 * build, probe, activation and events are all in it.
 */
export async function measureOperation(
  bench: BenchCell,
  ddl: string,
  population: number,
  rounds: number,
): Promise<Row> {
  const plane = await bench.startPlane();
  const api = await openApi(plane);
  const floor = await Floor.connect(bench.controlUrl);
  try {
    const ms = await interleave(rounds, {
      floor: () => timed(() => floor.build(ddl)),
      product: () => timed(() => api.create(`b-${randomBase32(12)}`)),
    });
    const name = `whole operation at ${String(population)} tenants`;
    return compared(name, ms.product, 'floor', ms.floor, 2);
  } finally {
    await floor.end();
    await api.close();
    await plane.stop();
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBenchCell } from '../lib/cell.ts';
import { interleave, timed } from '../lib/interleave.ts';
import { compared, type Result } from '../lib/report.ts';
import { buildWithProduct } from './build.ts';
import { Floor } from './floor.ts';

const workspace = fileURLToPath(new URL('../../', import.meta.url));
/** Where the real projects lie, which are not part of this repository. */
const data = process.env['TENANTRY_FLYWAY_DATA'] ?? resolve(workspace, '../shared/flyway');

interface Expected {
  readonly schemas: {
    readonly tenant_a: { readonly migrate: { readonly executed: number; readonly ms: number } };
  };
}

/**
 * Row 5: the 263 files of a real project into a fresh schema, against node-pg in one transaction, file by file, and
 * against the milliseconds that Flyway itself took for them.
 */
export async function measureRealFiles(rounds: number): Promise<readonly Result[]> {
  const name = 'the 263 files of interventions';
  const directory = join(data, 'real', 'interventions');
  if (!existsSync(directory)) {
    return [{ name, skipped: `not in ${data}; set TENANTRY_FLYWAY_DATA` }];
  }
  const recorded = JSON.parse(
    await readFile(join(directory, 'expected.flyway-11.20.3.json'), 'utf8'),
  ) as Expected;
  const { migrate } = recorded.schemas.tenant_a;
  const bench = await startBenchCell(join(directory, 'sql'), { extensions: 'pgcrypto' });
  const floor = await Floor.connect(bench.controlUrl);
  try {
    const { set } = await bench.ctx.migrations.current();
    const files = set.migrations.map(({ sql }) => withoutTransaction(sql));
    if (files.length !== migrate.executed)
      throw new Error(`${String(files.length)} files are not the recorded ones.`);
    const ms = await interleave(rounds, {
      floor: () => timed(() => floor.buildFrom(files)),
      product: () => timed(() => buildWithProduct(bench, set)),
    });
    const flyway = ms.product.map(() => migrate.ms);
    const row = compared(`${name}, against Flyway's own time`, ms.product, 'Flyway', flyway, 0.1);
    return [compared(name, ms.product, 'node-pg', ms.floor, 1.5), row];
  } finally {
    await floor.end();
    await bench.stop();
  }
}

/** What a single transaction does not allow: the transactions that two files bring along, and CONCURRENTLY. */
function withoutTransaction(sql: string): string {
  return sql
    .replaceAll(/^\s*(?:begin|commit)(?:\s+transaction)?\s*;/gim, '')
    .replaceAll(/\bindex\s+concurrently\b/gi, 'INDEX');
}

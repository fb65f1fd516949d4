import { readFile } from 'node:fs/promises';
import type { CellAddress } from '@tenantry/tenancy';
import { DATABASE } from './bootstrap.ts';
import { layoutOf } from './layout.ts';

/** Where the embedded cell of a home listens, for another process on this machine. */
export async function readCellAddress(home: string): Promise<CellAddress> {
  const port = Number(await readFile(layoutOf(home).portFile, 'utf8'));
  return { host: '127.0.0.1', port, database: DATABASE };
}

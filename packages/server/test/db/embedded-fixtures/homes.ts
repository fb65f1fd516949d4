import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedCell, EmbeddedCellOptions } from '../../../src/db/embedded/index.ts';
import { startEmbeddedCell } from '../../../src/db/embedded/index.ts';

/** Keeps what it is told, for assertions. */
export function recordingLog() {
  const lines: string[] = [];
  const write = (_fields: object, message: string): void => void lines.push(message);
  return { lines, info: write, warn: write };
}

/** Homes and cells of one test file, all of them stopped and removed by `clear`. */
export function homes() {
  const directories: string[] = [];
  const cells: EmbeddedCell[] = [];
  return {
    /** A path that does not exist yet; below a directory that others may pass through, unless `closed`. */
    async make(name = 'home', closed = false): Promise<string> {
      const directory = await mkdtemp(join(tmpdir(), 'tenantry-home-'));
      directories.push(directory);
      if (!closed) await chmod(directory, 0o711);
      return join(directory, name);
    },
    async start(home: string, options: Partial<EmbeddedCellOptions> = {}): Promise<EmbeddedCell> {
      const cell = await startEmbeddedCell({ home, log: recordingLog(), ...options });
      cells.push(cell);
      return cell;
    },
    async clear(): Promise<void> {
      for (const cell of cells) await cell.stop();
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The values of one query over a connection of its own. */
export async function ask(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return result.rows.flat();
  } finally {
    await client.end();
  }
}

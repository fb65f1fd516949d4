import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { MigrateError } from './errors.ts';

/** A file under a location; `script` is its path relative to it with `/` between the parts. */
export interface FoundFile {
  readonly script: string;
  readonly path: string;
}

/**
 * Every file under a location, recursively, without hidden files and directories.
 *
 * @throws MigrateError MIGRATIONS_MISSING where the location is no directory
 */
export async function scanLocation(location: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  await scanDirectory(await existing(location), '', new Set(), found);
  return found;
}

async function existing(location: string): Promise<string> {
  const path = location.replace(/^filesystem:/, '');
  const info = await stat(path).catch(() => null);
  if (info?.isDirectory()) return path;
  throw new MigrateError(
    'MIGRATIONS_MISSING',
    info === null ? `the migration directory ${path} does not exist` : `${path} is not a directory`,
    { hint: 'Name a directory that holds migrations such as V1__create_tables.sql.' },
  );
}

async function scanDirectory(path: string, prefix: string, above: ReadonlySet<string>, found: FoundFile[]) {
  // A symbolic link to a directory above would be followed for ever.
  const real = await realpath(path);
  if (above.has(real)) return;
  const inside = new Set(above).add(real);
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const child = join(path, entry.name);
    const info = entry.isSymbolicLink() ? await stat(child).catch(() => null) : entry;
    if (info?.isDirectory()) await scanDirectory(child, `${prefix}${entry.name}/`, inside, found);
    else if (info?.isFile()) found.push({ script: `${prefix}${entry.name}`, path: child });
  }
}

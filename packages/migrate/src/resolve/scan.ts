import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

import type { Location } from './location.ts';

/** A file under a location; `script` is its path relative to it, `/` between the parts. */
export interface FoundFile {
  readonly script: string;
  readonly path: string;
}

/** Every file that a location means, recursively, without hidden files and directories, by path. */
export async function scan({ root, pattern }: Location): Promise<readonly FoundFile[]> {
  const paths: string[] = [];
  await walk(root, new Set(), paths);
  const files = paths.flatMap((path): FoundFile[] => {
    const name = path.split(sep).join('/');
    const below = name.slice(root === '/' ? 1 : root.length + 1);
    if (pattern === null) return [{ script: below, path }];
    const match = pattern.exec(name);
    return match === null ? [] : [{ script: match.groups?.['rest'] ?? below, path }];
  });
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(directory: string, above: ReadonlySet<string>, paths: string[]): Promise<void> {
  // A symbolic link to a directory above would be followed for ever.
  const real = await realpath(directory);
  if (above.has(real)) return;
  const inside = new Set(above).add(real);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(directory, entry.name);
    const info = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    if (info?.isDirectory()) await walk(path, inside, paths);
    else if (info?.isFile()) paths.push(path);
  }
}

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProjectFiles } from './compose.ts';

/** True for a directory with nothing in it, or none at all. Rejects with ENOTDIR where a file is in its place. */
export async function isVacant(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Writes a project's files. Rejects with EEXIST rather than replace one. */
export async function writeProject(directory: string, files: ProjectFiles): Promise<void> {
  for (const [path, text] of files) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
}

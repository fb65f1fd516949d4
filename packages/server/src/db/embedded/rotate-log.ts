import { copyFile, stat, truncate } from 'node:fs/promises';

/** Bytes after which the log of PostgreSQL is moved to `<file>.1`. */
const LARGEST_LOG = 16 * 1024 * 1024;

/** Where a log is moved to. */
export function rotated(logFile: string): string {
  return `${logFile}.1`;
}

/**
 * Keeps the log bounded: at most two files of about 16 MiB. Copied and emptied rather than renamed, because PostgreSQL keeps the
 * file open; it appends, so it goes on at the beginning.
 */
export async function rotateLog(logFile: string, largest: number = LARGEST_LOG): Promise<boolean> {
  const size = await stat(logFile).then(
    (entry) => entry.size,
    () => 0,
  );
  if (size <= largest) return false;
  await copyFile(logFile, rotated(logFile));
  await truncate(logFile, 0);
  return true;
}

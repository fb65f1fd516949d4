import { readFile } from 'node:fs/promises';
import { decode } from '../checksum.ts';
import { MigrateError } from '../errors.ts';
import type { FoundFile } from './locations.ts';

/** More open files than this gain nothing. */
const AT_ONCE = 32;

/** Runs `work` over items, a bounded number at the same time; results in the order of the items. */
export async function mapBounded<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}

/**
 * The text of a script.
 *
 * @throws MigrateError MIGRATION_ENCODING with Flyway's sentence
 */
export async function readText(file: FoundFile, encoding: string, detect: boolean): Promise<string> {
  const bytes = await readFile(file.path);
  try {
    return detect ? decodeDetected(bytes, encoding) : decode(bytes, encoding);
  } catch (cause) {
    throw new MigrateError(
      'MIGRATION_ENCODING',
      `Unable to calculate checksum of ${file.script}\nPlease ensure you have configured the correct file encoding with 'flyway.encoding' or enable 'flyway.detectEncoding' to let Flyway detect it for you`,
      { flywayCode: 'ERROR', file: file.script, cause },
    );
  }
}

/** A byte order mark says it; else UTF-8 where the bytes are valid, then the given encoding, then Latin-1, which any are. */
function decodeDetected(bytes: Uint8Array, encoding: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode(bytes, 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode(bytes, 'utf-16be');
  for (const candidate of ['utf-8', encoding]) {
    try {
      return decode(bytes, candidate);
    } catch {
      // The next one.
    }
  }
  return decode(bytes, 'iso-8859-1');
}

import { isUtf8 } from 'node:buffer';

import { decode } from '../checksum.ts';
import { MigrateError } from '../errors.ts';
import type { ScriptFile } from './placeholders.ts';
import { baseName } from './placeholders.ts';

/**
 * The text of a script, without a byte order mark.
 *
 * @throws MigrateError MIGRATION_ENCODING where the bytes are not valid in the encoding, the encoding is unknown, or the
 * text holds a NUL
 */
export function decodeScript(bytes: Uint8Array, encoding: string, file: ScriptFile): string {
  const text = decodeOrThrow(bytes, encoding, file);
  refuseNul(text, file.script);
  return text;
}

/** @throws MigrateError MIGRATION_ENCODING with the line of the first NUL */
export function refuseNul(text: string, script: string): void {
  const nul = text.indexOf('\0');
  if (nul < 0) return;
  throw new MigrateError(
    'MIGRATION_ENCODING',
    'the file holds a NUL character, which PostgreSQL cannot store',
    {
      file: script,
      line: text.slice(0, nul).split('\n').length,
      hint: 'Remove it; a file saved as UTF-16 must be saved as UTF-8.',
    },
  );
}

function decodeOrThrow(bytes: Uint8Array, encoding: string, file: ScriptFile): string {
  try {
    return decode(bytes, labelOf(encoding, bytes));
  } catch (cause) {
    const unknown = cause instanceof RangeError;
    throw new MigrateError(
      'MIGRATION_ENCODING',
      `Unable to calculate checksum of ${baseName(file.script)}\nPlease ensure you have configured the correct file encoding with 'flyway.encoding' or enable 'flyway.detectEncoding' to let Flyway detect it for you`,
      {
        flywayCode: 'ERROR',
        file: file.script,
        hint: unknown
          ? `"${encoding}" is no encoding that is known here.`
          : `The file is not valid ${encoding}. Save it as UTF-8, or set the encoding of the migrations.`,
        cause,
      },
    );
  }
}

/** Java's name of an encoding as a decoder here knows it. UTF-16 without a mark is big-endian in Java. */
function labelOf(encoding: string, bytes: Uint8Array): string {
  const label = encoding.trim().toLowerCase().replaceAll('_', '-');
  if (label !== 'utf-16') return label;
  return markOf(bytes) ?? 'utf-16be';
}

/**
 * The encoding of a file as Flyway's `detectEncoding` finds it: a mark of UTF-16, then UTF-8 where the bytes are valid, then
 * ISO-8859-1, which any bytes are; but UTF-16 where every other byte is zero.
 */
export function detectEncoding(bytes: Uint8Array): string {
  const even = bytes.length % 2 === 0;
  const mark = even ? markOf(bytes) : null;
  if (mark !== null) return mark;
  if (even && mostAreZero(bytes, 1)) return 'utf-16le';
  return isUtf8(bytes) ? 'UTF-8' : 'ISO-8859-1';
}

function markOf([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}

function mostAreZero(bytes: Uint8Array, from: number): boolean {
  let zero = 0;
  for (let i = from; i < bytes.length; i += 2) zero += bytes[i] === 0 ? 1 : -1;
  return zero > 0;
}

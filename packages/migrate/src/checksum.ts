import { crc32 } from 'node:zlib';

const LATIN_1 = new Set(['iso-8859-1', 'iso8859-1', 'latin1', 'latin-1']);

/**
 * The text of a file, without a leading byte order mark.
 *
 * @throws TypeError where the bytes are not valid in the encoding, RangeError where the encoding is unknown
 */
export function decode(bytes: Uint8Array, encoding = 'utf-8'): string {
  const label = encoding.toLowerCase();
  // WHATWG decoders read "iso-8859-1" as windows-1252, which differs in 0x80–0x9f; Java's, and so Flyway's, does not.
  const text = LATIN_1.has(label)
    ? Buffer.from(bytes).toString('latin1')
    : new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Flyway's checksum of a text that is already decoded. */
export function checksumOfText(text: string): number {
  return crc32(Buffer.from(text.replace(/[\r\n]/g, ''), 'utf8')) | 0;
}

/**
 * Flyway's checksum: CRC-32 over the UTF-8 bytes of every line without its end, as a signed 32-bit integer.
 *
 * @throws TypeError where the bytes are not valid in the encoding
 * @example
 * ```ts
 * checksum(Buffer.from('create table a(id int);\n'));  // -1193849269
 * ```
 */
export function checksum(bytes: Uint8Array, encoding?: string): number {
  return checksumOfText(decode(bytes, encoding));
}

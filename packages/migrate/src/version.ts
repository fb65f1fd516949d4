/** Words that Flyway keeps for its `target` setting; no migration can have them as its version. */
const RESERVED = new Set(['current', 'next', 'latest']);

const PART = /^[+-]?\d+$/;

/** Sorting 600 files compares 12,000 times, and reading a version costs a microsecond or two. */
const known = new Map<string, readonly bigint[] | null>();
const KNOWN_LIMIT = 10_000;

/**
 * The number parts of a version text, or null where the text is no version. Parts are of any size; trailing zero
 * parts carry no meaning (`1` = `1.0` = `001.00`).
 */
export function versionParts(text: string): readonly bigint[] | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  const parts = readParts(text);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, parts);
  return parts;
}

function readParts(text: string): readonly bigint[] | null {
  if (RESERVED.has(text.toLowerCase())) return null;
  // A dot separates only before a digit, so `1.` and `1..2` stay whole and are refused as a number.
  const parts = text.split(/\.(?=\d)/);
  if (!parts.every((part) => PART.test(part))) return null;
  const numbers = parts.map(BigInt);
  while (numbers.length > 1 && numbers.at(-1) === 0n) numbers.pop();
  return numbers;
}

/**
 * Compares two versions as Flyway does: part by part, a missing part counting as 0.
 *
 * @returns a negative number, 0 or a positive number
 * @throws RangeError where a text is no version
 * @example
 * ```ts
 * compareVersions('1.10', '1.9');  // 1
 * compareVersions('1', '001.00');  // 0
 * ```
 */
export function compareVersions(a: string, b: string): number {
  const left = partsOrThrow(a);
  const right = partsOrThrow(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const l = left[i] ?? 0n;
    const r = right[i] ?? 0n;
    if (l !== r) return l < r ? -1 : 1;
  }
  return 0;
}

/**
 * One spelling for all spellings of a version, to look it up by.
 *
 * @throws RangeError where the text is no version
 * @example
 * ```ts
 * canonicalVersion('007.10.0');  // '7.10'
 * ```
 */
export function canonicalVersion(text: string): string {
  return partsOrThrow(text).join('.');
}

function partsOrThrow(text: string): readonly bigint[] {
  const parts = versionParts(text);
  if (parts === null) throw new RangeError(`not a version: ${text}`);
  return parts;
}

import { Buffer } from 'node:buffer';
import type { Answer } from './target.ts';

/** So many characters of a canary in a row are no chance: 40 random bits. */
const enough = 8;

/**
 * Looks for a canary in everything that came back: as it is, in capitals, backwards, in hexadecimal and in base64, whole or a part
 * of eight characters. Whatever its form, a byte of the neighbour is a hit.
 */
export class CanaryDetector {
  readonly #parts: readonly string[];

  /** `canary` as {@link newCanary} makes it; its random part is looked for. */
  constructor(canary: string) {
    const random = canary.replace(/^canary/, '');
    const parts = Array.from({ length: random.length - enough + 1 }, (_, at) =>
      random.slice(at, at + enough),
    );
    this.#parts = [...new Set(parts.flatMap(formsOf))];
  }

  isIn(text: string): boolean {
    return this.#parts.some((part) => text.includes(part));
  }
}

function formsOf(part: string): readonly string[] {
  const bytes = Buffer.from(part);
  return [
    part,
    part.toUpperCase(),
    part.split('').toReversed().join(''),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    // In base64 a part looks different by where it begins; the first and last character depend on its neighbours.
    ...[0, 1, 2].map((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    }),
  ];
}

/** All that an answer says, as one text. Bytes become hexadecimal. */
export function textOfAnswer({ rows, heard }: Answer): string {
  return [...rows.map(textOf), ...heard.map(({ text }) => text)].join('\n');
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (isBytes(inner))
      return `${Buffer.from(inner.data).toString('latin1')} ${Buffer.from(inner.data).toString('hex')}`;
    return typeof inner === 'bigint' ? String(inner) : inner;
  });
}

/** What `JSON.stringify` makes of a Buffer before it asks. */
function isBytes(value: unknown): value is { readonly data: number[] } {
  return (
    typeof value === 'object' && value !== null && (value as { readonly type?: unknown }).type === 'Buffer'
  );
}

/** All that an error of PostgreSQL says: an attacker reads its details as well as its message. */
export function textOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, detail, hint, where, constraint } = error as Error &
    Readonly<Record<string, string | undefined>>;
  return [message, detail, hint, where, constraint].filter((part) => part !== undefined).join('\n');
}

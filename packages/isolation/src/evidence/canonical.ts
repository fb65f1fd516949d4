import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * A value as the one text that JSON has for it: RFC 8785, keys in order, no space. It is what is hashed and signed, so that nobody has to
 * guess bytes.
 *
 * @example
 * canonical({ b: 1, a: 'x' }) // '{"a":"x","b":1}'
 */
export function canonical(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('There is no JSON for this value.');
  return text;
}

/** SHA-256 of a text in UTF-8, or of bytes, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

// C0 but tab and line feed, DEL, C1, and what turns the direction of writing: a name must not rearrange the report around it.
const drivers = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A copy in which every text can be shown as it is: names come from people and from databases. Half characters, which have no
 * canonical form, and control characters become U+FFFD; what is undefined is left out.
 */
export function clean<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll(drivers, '\ufffd') as T;
  if (Array.isArray(value)) return value.map((each: unknown) => clean(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [clean(key), clean(each as unknown)])) as T;
}

import { gunzipSync, inflateRawSync } from 'node:zlib';

/** An answer as it came, with what it was compressed by taken off. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Where a canary stands in an answer, with what is around it, or undefined. */
export function findCanary({ statusText, headers, body }: Answer, canary: string): string | undefined {
  const head = [`status text: ${statusText}`, ...headers.map(([name, value]) => `header ${name}: ${value}`)];
  for (const line of head) {
    const found = findIn(Buffer.from(line), canary);
    if (found !== undefined) return found;
  }
  const found = findIn(body, canary);
  return found === undefined ? undefined : `body: ${found}`;
}

function findIn(bytes: Buffer, canary: string, depth = 0): string | undefined {
  const text = bytes.toString('latin1');
  for (const [name, read] of readings) {
    const seen = read(text);
    const at = seen.toLowerCase().indexOf(canary);
    if (at >= 0) return `${name}${around(seen, at, canary.length)}`;
  }
  for (const code of encoded(canary)) {
    const at = code.fold ? text.toLowerCase().indexOf(code.text) : text.indexOf(code.text);
    if (at >= 0) return `(${code.name}) ${around(text, at, code.text.length)}`;
  }
  if (depth > 1) return undefined;
  for (const inner of unpacked(bytes)) {
    const found = findIn(inner, canary, depth + 1);
    if (found !== undefined) return `(compressed) ${found}`;
  }
  return undefined;
}

/** Ways to write the same letters. In a canary there are no others, so percent signs and escapes may stand anywhere. */
const readings: readonly (readonly [name: string, read: (text: string) => string])[] = [
  ['', (text) => text],
  [
    '(escaped) ',
    (text) =>
      text.replaceAll(/(?:\\u00|\\x|%|&#x0*)([0-9a-f]{2});?/gi, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      ),
  ],
  [
    '(escaped) ',
    (text) => text.replaceAll(/&#0*(\d{2,3});?/g, (_, code: string) => String.fromCharCode(Number(code))),
  ],
  ['(UTF-16) ', (text) => (text.includes('\0') ? text.replaceAll('\0', '') : '')],
];

/** Base64 of a text depends on where in its three bytes it begins; what all three have in common is searched for. */
function encoded(
  canary: string,
): readonly { readonly name: string; readonly text: string; readonly fold: boolean }[] {
  const base64 = [canary, capital(canary), canary.toUpperCase()].flatMap((text) =>
    [0, 1, 2].map((shift) => {
      const whole = Buffer.from('\0'.repeat(shift) + text).toString('base64');
      return { name: 'base64', text: whole.slice(shift === 0 ? 0 : 4, -4), fold: false };
    }),
  );
  return [...base64, { name: 'hexadecimal', text: Buffer.from(canary).toString('hex'), fold: true }];
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** What is in a file that was compressed: gzip, or the entries of a ZIP archive, as spreadsheets are. */
function unpacked(bytes: Buffer): readonly Buffer[] {
  const inner: Buffer[] = [];
  const attempt = (unpack: () => Buffer): void => {
    try {
      inner.push(unpack());
    } catch {
      // It only looked like it.
    }
  };
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) attempt(() => gunzipSync(bytes, { maxOutputLength: largest }));
  const entry = Buffer.from('PK\x03\x04', 'latin1');
  for (let at = bytes.indexOf(entry); at >= 0 && inner.length < 1000; at = bytes.indexOf(entry, at + 4)) {
    if (at + 30 > bytes.length) break;
    const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    attempt(() => inflateRawSync(bytes.subarray(start), { maxOutputLength: largest }));
  }
  return inner;
}

const largest = 64 * 1024 * 1024;

function around(text: string, at: number, length: number): string {
  const [from, to] = [Math.max(0, at - 40), Math.min(text.length, at + length + 40)];
  const excerpt = text.slice(from, to).replaceAll(/[^\x20-\x7e]+/g, ' ');
  return `${from > 0 ? '…' : ''}${excerpt}${to < text.length ? '…' : ''}`;
}

import { Buffer } from 'node:buffer';
import type { HttpAnswer, HttpCall, HttpTenant } from './spec.ts';

/** Finds a tenant's marks in an answer: in any case, escaped, in base64 and in hexadecimal. */
export class Marks {
  readonly #marks: readonly { readonly plain: string; readonly forms: readonly string[] }[];

  constructor({ marks }: Pick<HttpTenant, 'marks'>) {
    this.#marks = marks.map((mark) => ({ plain: mark.toLowerCase(), forms: formsOf(mark) }));
  }

  /** A mark that the answer shows, with what is around it. What the request said itself is only repeated, and no leak. */
  in(answer: HttpAnswer, call: HttpCall): string | undefined {
    const said = readable([call.path, ...call.headers.map(([, value]) => value), call.body ?? ''].join('\n'));
    const heard = [...answer.headers.map(([name, value]) => `${name}: ${value}`), answer.body].join('\n');
    const seen = readable(heard);
    for (const { plain, forms } of this.#marks) {
      if (said.includes(plain)) continue;
      const at = seen.indexOf(plain);
      if (at >= 0) return around(seen, at, plain.length);
      const form = forms.find((each) => heard.includes(each));
      if (form !== undefined) return around(heard, heard.indexOf(form), form.length);
    }
    return undefined;
  }
}

/** Percent signs, escapes of JSON and of HTML taken off. */
function readable(text: string): string {
  return text
    .replaceAll(
      /\\u00([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{2});/gi,
      (_, ...hex: (string | undefined)[]) =>
        String.fromCharCode(parseInt(hex.slice(0, 3).find((each) => each !== undefined) ?? '3f', 16)),
    )
    .toLowerCase();
}

function formsOf(mark: string): readonly string[] {
  const bytes = Buffer.from(mark);
  return [
    bytes.toString('hex'),
    ...[0, 1, 2].map((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    }),
  ];
}

function around(text: string, at: number, length: number): string {
  const [from, to] = [Math.max(0, at - 40), Math.min(text.length, at + length + 40)];
  return text.slice(from, to).replaceAll(/[^\x20-\x7e]+/g, ' ');
}

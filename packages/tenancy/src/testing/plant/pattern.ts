/** What a sample is made of: one character of its own for each row, and a word where a pattern leaves room for one. */
export interface Sampling {
  /** The number of the row, from 0. */
  readonly n: number;
  /** Put once where letters may repeat. Absent: as short as the pattern allows. */
  readonly word?: string;
}

/**
 * A text that a regular expression of a check accepts, most likely: alternatives count by their first, repetitions by their
 * least. Undefined for an expression with parts that it does not know; PostgreSQL judges what comes out.
 */
export function sampleOf(expression: string, sampling: Sampling): string | undefined {
  const reader = new Reader(expression, sampling);
  try {
    return reader.alternatives();
  } catch {
    return undefined;
  }
}

/** A text for a LIKE pattern. */
export function sampleOfLike(pattern: string, { n, word }: Sampling): string {
  const letter = String.fromCharCode(97 + n);
  return pattern
    .replace('%', word ?? '')
    .replaceAll('%', '')
    .replaceAll('_', letter);
}

class Reader {
  readonly #text: string;
  readonly #n: number;
  #word: string | undefined;
  #at = 0;

  constructor(text: string, { n, word }: Sampling) {
    this.#text = text;
    this.#n = n;
    this.#word = word;
  }

  /** The first of what stands between bars. The others are read all the same, without the word. */
  alternatives(): string {
    const first = this.#sequence();
    const word = this.#word;
    this.#word = undefined;
    while (this.#text[this.#at] === '|') {
      this.#at += 1;
      this.#sequence();
    }
    this.#word = word;
    return first;
  }

  #sequence(): string {
    let made = '';
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      const character = this.#text[this.#at]!;
      if (character === '^' || character === '$') this.#at += 1;
      else made += this.#repeated();
    }
    return made;
  }

  #repeated(): string {
    const start = this.#at;
    const word = this.#word;
    if (this.#text[start] === '(') {
      const group = this.#group();
      const after = this.#at;
      const { least } = this.#quantifier();
      if (least === 0) this.#word = word;
      let made = least === 0 ? '' : group;
      const behind = this.#at;
      for (let i = 1; i < least; i++) {
        this.#at = start;
        made += this.#group();
      }
      this.#at = Math.max(behind, after);
      return made;
    }
    const accepts = this.#characters();
    const { least, most } = this.#quantifier();
    if (word !== undefined && most >= word.length && word.split('').every(accepts)) {
      this.#word = undefined;
      return word.padEnd(least, word[0]);
    }
    return this.#one(accepts).repeat(least);
  }

  #group(): string {
    this.#at += this.#text.startsWith('(?:', this.#at) ? 3 : 1;
    const made = this.alternatives();
    if (this.#text[this.#at] !== ')') throw new SyntaxError('a group does not end');
    this.#at += 1;
    return made;
  }

  /** One character class, escape or character, as a question to a character. */
  #characters(): (character: string) => boolean {
    const rest = this.#text.slice(this.#at);
    const [source] = /^(?:\[\^?\]?(?:\[:\w+:\]|\\.|[^\]])*\]|\\.|.)/s.exec(rest)!;
    this.#at += source.length;
    if (source.startsWith('(')) throw new SyntaxError('an unknown group');
    if (/^\\[mMyYAZ]$/.test(source)) return () => false;
    const known = source.replaceAll(/\[:(\w+):\]/g, (_, name: string) => classes[name] ?? '');
    const one = new RegExp(`^${/^[{}\]]$/.test(known) ? `\\${known}` : known}$`, 's');
    return (character) => one.test(character);
  }

  #quantifier(): { readonly least: number; readonly most: number } {
    const [text, least, comma, most] = /^(?:\{(\d+)(,?)(\d*)\}|[*+?])?\??/.exec(
      this.#text.slice(this.#at),
    ) ?? [''];
    this.#at += text.length;
    if (least !== undefined) {
      return { least: Number(least), most: most ? Number(most) : comma ? Infinity : Number(least) };
    }
    if (text.startsWith('*')) return { least: 0, most: Infinity };
    if (text.startsWith('+')) return { least: 1, most: Infinity };
    return text.startsWith('?') ? { least: 0, most: 1 } : { least: 1, most: 1 };
  }

  #one(accepts: (character: string) => boolean): string {
    const own = String.fromCharCode(97 + this.#n);
    const all = [own, own.toUpperCase(), String(this.#n + 1), ...printable];
    return all.find(accepts) ?? '';
  }
}

const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  xdigit: '0-9A-Fa-f',
  punct: '!-\\/:-@\\[-`{-~',
};

const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));

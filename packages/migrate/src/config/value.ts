/** What a source can hold: text everywhere, and what TOML has besides. */
export type RawValue = string | boolean | number | readonly string[];

/** How the text of a value becomes a setting. */
export interface ValueType<T> {
  /** For documentation and errors: `true or false`. */
  readonly says: string;
  /** The value, or undefined where the text is none of this type. */
  read(value: RawValue): T | undefined;
  /** A key of any names below it, as `placeholders.x`. */
  readonly map?: true;
}

/** Any text; the empty one is a value (an empty prefix). */
export const text: ValueType<string> = { says: 'text', read: asText };

/** A text, or null where it is empty. */
export const optionalText: ValueType<string | null> = {
  says: 'text',
  read: (value) => (asText(value) === '' ? null : asText(value)),
};

export const boolean: ValueType<boolean> = {
  says: 'true or false',
  read(value) {
    if (typeof value === 'boolean') return value;
    const word = asText(value)?.toLowerCase();
    return word === 'true' ? true : word === 'false' ? false : undefined;
  },
};

/** Items separated by commas, in TOML also an array; blanks around them and empty ones do not count. */
export const list: ValueType<readonly string[]> = {
  says: 'list',
  read: (value) =>
    (typeof value === 'object' ? value : String(value).split(','))
      .map((item) => item.trim())
      .filter((item) => item !== ''),
};

export function integer(minimum: number): ValueType<number> {
  return {
    says: `whole number from ${minimum}`,
    read(value) {
      const digits = asText(value)?.trim() ?? '';
      return /^-?\d{1,9}$/.test(digits) && Number(digits) >= minimum ? Number(digits) : undefined;
    },
  };
}

const units = { ms: 1, s: 1000, m: 60_000 } as const;

/** `500ms`, `5s`, `1m` as milliseconds; a number alone is milliseconds. */
export const duration: ValueType<number> = {
  says: 'duration as 500ms, 5s, 1m',
  read(value) {
    const match = /^(\d{1,7})(ms|s|m)?$/.exec(asText(value)?.trim() ?? '');
    return match ? Number(match[1]) * units[(match[2] ?? 'ms') as keyof typeof units] : undefined;
  },
};

export function oneOf<const T extends string>(words: readonly T[]): ValueType<T> {
  return {
    says: words.join(', '),
    read: (value) => words.find((word) => word === asText(value)),
  };
}

/** Names below the key, each with a text: `placeholders.region=eu`. */
export const texts: ValueType<Readonly<Record<string, string>>> = {
  says: 'name=text',
  map: true,
  read: () => undefined,
};

/** A single value as text; undefined for a list. */
export function asText(value: RawValue): string | undefined {
  return typeof value === 'object' ? undefined : String(value);
}

import { bearing, fixed, type Candidate, type Role } from './candidate.ts';
import type { Column, Rule } from './catalog.ts';
import { sampleOf, sampleOfLike, type Sampling } from './pattern.ts';

/** Texts for the patterns of a column's checks. */
export function patterned(column: Column, n: number, { isKey }: Role, rules: readonly Rule[]): Candidate[] {
  if (column.category !== 'S') return [];
  const letter = String.fromCharCode(97 + n);
  const words = isKey ? [`planted${letter}`, `p${letter}`] : [];
  const samples = rules.flatMap(patternsOf);
  const canaries = samples.filter((sample) => !isKey && sample({ n, word: probe })?.includes(probe) === true);
  const shortest = [...words, undefined];
  const texts = samples.flatMap((sample) =>
    shortest.map((word) => sample(word === undefined ? { n } : { n, word })),
  );
  return [
    ...canaries.map((sample) => bearing((canary) => sample({ n, word: canary + letter }) ?? canary)),
    ...texts.flatMap((text) => (text === undefined ? [] : fixed(text))),
  ];
}

/** As long as a canary with its letter. */
const probe = 'canary'.repeat(4) + 'x';

type Sample = (sampling: Sampling) => string | undefined;

/** The patterns that a check compares with. */
function patternsOf({ kind, definition }: Rule): readonly Sample[] {
  if (kind !== 'check') return [];
  return [...definition.matchAll(/!?(~{1,2})\*? '((?:[^']|'')*)'/g)].map(([, operator, text]): Sample => {
    const pattern = text!.replaceAll("''", "'");
    return (sampling) => (operator === '~~' ? sampleOfLike(pattern, sampling) : sampleOf(pattern, sampling));
  });
}

/** Texts of the lengths that a rule speaks of. */
export function padded(
  column: Column,
  n: number,
  { isKey }: Role,
  words: readonly string[],
): readonly Candidate[] {
  if (column.category !== 'S' && column.base !== 'bytea') return [];
  const lengths = words
    .map(Number)
    .filter((length) => Number.isInteger(length) && length > 0 && length <= 1024);
  const letter = String.fromCharCode(97 + n);
  const encode = (text: string) =>
    column.base === 'bytea' ? `\\x${Buffer.from(text).toString('hex')}` : text;
  return lengths.map((length) =>
    isKey || length < 25
      ? fixed(encode(letter.repeat(length)))
      : bearing((canary) => encode((canary + letter).padEnd(length, letter))),
  );
}

/** What stands between quotes in a rule, and its numbers: a list of allowed words, bounds, partitions. */
export function literalsOf({ kind, definition }: Rule): readonly string[] {
  if (kind !== 'check' && kind !== 'partition') return [];
  const quoted = [...definition.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => text!.replaceAll("''", "'"));
  const bare = definition.replaceAll(/'(?:[^']|'')*'/g, '').match(/-?\b\d+(?:\.\d+)?\b/g) ?? [];
  const near = bare.flatMap((text) =>
    /^-?\d{1,15}$/.test(text) ? [`${Number(text) + 1}`, `${Number(text) - 1}`] : [],
  );
  return [...new Set([...quoted, ...bare, ...near])].filter((text) => !/[\\^$]/.test(text)).slice(0, 30);
}

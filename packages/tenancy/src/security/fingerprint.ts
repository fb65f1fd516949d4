import { createHash } from 'node:crypto';

/** What is read of a text: the rest of a longer one tells no more, and takes time. */
const mostRead = 20_000;

/**
 * What a literal, a comment, a name in quotes, a word or anything else is in SQL, in the order in which they are tried. A text
 * that ends inside a literal is a literal to its end.
 */
const token =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|[eE]'(?:\\[\s\S]|''|[^'\\])*(?:'|$)|(?:[bBxXnN]|[uU]&)?'(?:''|[^'])*(?:'|$)|"(?:""|[^"])*(?:"|$)|\$\d+|\d[\w.]*|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\s+|[\s\S]/g;

/**
 * 16 hexadecimal digits that two statements share when they differ in literals, letter case, spaces, comments, the length of a list or the
 * tenant that they name. Nothing of a literal goes into it.
 *
 * @example
 * ```ts
 * fingerprintOf(`SELECT 1`) === fingerprintOf(`select  'x' -- y`); // true
 * ```
 */
export function fingerprintOf(text: string): string {
  return createHash('sha256')
    .update(withoutLiterals(text.slice(0, mostRead)))
    .digest('hex')
    .slice(0, 16);
}

/** The text with `?` for every literal and parameter. */
export function withoutLiterals(text: string): string {
  const words: string[] = [];
  for (const [part] of text.matchAll(token)) {
    const word = wordOf(part);
    if (word !== '') words.push(word);
  }
  return words
    .join(' ')
    .replaceAll(/\?(?: , \?)+/g, '?')
    .replaceAll(/\( \? \)(?: , \( \? \))+/g, '( ? )');
}

function wordOf(part: string): string {
  if (/^\s/.test(part) || part.startsWith('--') || part.startsWith('/*')) return '';
  if (part.startsWith('"')) return part.replaceAll(/t_[a-z2-7]{12}/g, 't_?');
  if (/^(?:\$|\d|[a-zA-Z]?&?')/.test(part)) return '?';
  const word = part.toLowerCase();
  return /^t_[a-z2-7]{12}(?:_owner)?$/.test(word) ? word.replace(/^t_[a-z2-7]{12}/, 't_?') : word;
}

/** A piece of TypeScript source: enough to recognise imports, no more. Comments and white space are left out. */
export interface Token {
  readonly kind: 'word' | 'string' | 'punctuation' | 'other';
  /** The text; of a string, its content without quotes. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const patterns = {
  space: /\s+/y,
  comment: /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y,
  word: /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy,
  number: /\d[\w.]*/y,
  string: /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  templatePart: /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{|$)/y,
} as const;

// After these a slash begins a regular expression; after any other word or a closing bracket it divides.
const operatorWords = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'throw',
  'new',
  'await',
  'yield',
]);

/**
 * Splits TypeScript (or TSX) into tokens. Text in comments, strings, templates and regular expressions cannot be
 * mistaken for code; code in the `${}` of a template is read as code.
 *
 * @example
 * tokenize(`import x from './x.ts'; // import y`).map((token) => token.text)
 * // ['import', 'x', 'from', './x.ts', ';']
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  // For each template that is open: how many braces are open in its `${}`.
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const take = (kind: Token['kind'] | undefined, text: string, content = text): void => {
    if (kind !== undefined) tokens.push({ kind, text: content, line });
    at += text.length;
    for (const character of text) if (character === '\n') line += 1;
  };
  const template = (): void => {
    const part = match(patterns.templatePart) ?? '';
    take('other', part);
    if (part.endsWith('${')) templates.push(0);
  };

  while (at < source.length) {
    const skipped = match(patterns.space) ?? match(patterns.comment);
    if (skipped !== undefined) {
      take(undefined, skipped);
      continue;
    }
    const word = match(patterns.word);
    const string = match(patterns.string);
    const rest =
      match(patterns.number) ?? (slashBeginsRegex(tokens.at(-1)) ? match(patterns.regex) : undefined);
    if (word !== undefined) take('word', word);
    else if (string !== undefined) take('string', string, string.slice(1, -1));
    else if (rest !== undefined) take('other', rest);
    else punctuation(source.charAt(at));
  }
  return tokens;

  function punctuation(character: string): void {
    const depth = templates.at(-1);
    if (character === '}' && depth === 0) templates.pop();
    else if (depth !== undefined && character === '{') templates[templates.length - 1] = depth + 1;
    else if (depth !== undefined && character === '}') templates[templates.length - 1] = depth - 1;
    take('punctuation', character);
    if (character === '`' || (character === '}' && depth === 0)) template();
  }
}

function slashBeginsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === 'word') return operatorWords.has(previous.text);
  return previous.kind === 'punctuation' && !')]}'.includes(previous.text);
}

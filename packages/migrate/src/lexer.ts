/** PostgreSQL takes every character beyond ASCII as a letter. */
const WORD = /[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*/uy;
const DOLLAR = /\$(?:[A-Za-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$/uy;
const COMMENT_MARK = /\/\*|\*\//g;
const ESCAPED = /[\\']/g;
const LINE_END = /[\r\n]/g;

/** What stands at one place of a script: a word, a single character, or something that is skipped as a whole. */
export interface Lexeme {
  readonly kind: 'word' | 'character' | 'skipped';
  readonly end: number;
}

/**
 * The lexeme that begins at `at`: strings, quoted names, dollar quotes and comments are one each, whatever they hold.
 * Where one has no end it reaches to the end of the text. Every character is looked at once.
 */
export function lexemeAt(sql: string, at: number): Lexeme {
  switch (sql.charAt(at)) {
    case "'":
      // A doubled quote is two strings side by side, which ends in the same place.
      return skipped(behind(sql, "'", at + 1));
    case '"':
      return skipped(behind(sql, '"', at + 1));
    case '-':
      if (sql[at + 1] === '-') return skipped(next(LINE_END, sql, at)?.index ?? sql.length);
      break;
    case '/':
      if (sql[at + 1] === '*') return skipped(endOfComment(sql, at));
      break;
    case '$': {
      const quote = sticky(DOLLAR, sql, at);
      if (quote !== null) return skipped(behind(sql, quote, at + quote.length));
      break;
    }
    default: {
      const word = sticky(WORD, sql, at);
      if (word === null) break;
      const end = at + word.length;
      if (/^e$/i.test(word) && sql[end] === "'") return skipped(endOfEscaped(sql, end + 1));
      return { kind: 'word', end };
    }
  }
  return { kind: 'character', end: at + 1 };
}

function skipped(end: number): Lexeme {
  return { kind: 'skipped', end };
}

function behind(sql: string, text: string, from: number): number {
  const at = sql.indexOf(text, from);
  return at < 0 ? sql.length : at + text.length;
}

function next(pattern: RegExp, sql: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(sql);
}

function sticky(pattern: RegExp, sql: string, at: number): string | null {
  return next(pattern, sql, at)?.[0] ?? null;
}

/** Comments nest in PostgreSQL. */
function endOfComment(sql: string, at: number): number {
  let from = at;
  let depth = 0;
  for (;;) {
    const mark = next(COMMENT_MARK, sql, from);
    if (mark === null) return sql.length;
    from = mark.index + 2;
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return from;
  }
}

function endOfEscaped(sql: string, at: number): number {
  let from = at;
  for (;;) {
    const mark = next(ESCAPED, sql, from);
    if (mark === null) return sql.length;
    if (mark[0] === "'") return mark.index + 1;
    from = mark.index + 2;
  }
}

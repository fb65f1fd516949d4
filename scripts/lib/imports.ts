import { tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';

/** A module that a file names: in `import`, `export … from`, `import()`, or the type `import('…')`. */
export interface Import {
  readonly specifier: string;
  /** Line of the specifier, counted from 1. */
  readonly line: number;
}

/**
 * Lists the modules that a TypeScript file imports, types included, in the order of the text.
 * An `import()` of a computed name is not listed: nothing can be said about it before it runs.
 *
 * @example
 * importsOf(`export { a } from './a.ts';\nconst b = await import('b');`)
 * // [{ specifier: './a.ts', line: 1 }, { specifier: 'b', line: 2 }]
 */
export function importsOf(source: string): readonly Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || tokens[index - 1]?.text === '.') continue;
    const specifier =
      token.text === 'import'
        ? afterImport(tokens, index + 1)
        : token.text === 'export'
          ? afterExport(tokens, index + 1)
          : undefined;
    if (specifier !== undefined) found.push({ specifier: specifier.text, line: specifier.line });
  }
  return found;
}

function afterImport(tokens: readonly Token[], start: number): Token | undefined {
  const next = tokens[start];
  if (next?.kind === 'string') return next;
  if (next?.text === '(') return string(tokens[start + 1]);
  return next?.text === '.' ? undefined : afterFrom(tokens, start);
}

function afterExport(tokens: readonly Token[], start: number): Token | undefined {
  const next = tokens[start]?.text === 'type' ? start + 1 : start;
  const opening = tokens[next]?.text;
  // `export const from = …` and the like declare; only a list or a star takes from another module.
  return opening === '{' || opening === '*' ? afterFrom(tokens, next) : undefined;
}

/** Bindings hold words, commas, stars and one pair of braces, and strings as names; then `from` and the module. */
function afterFrom(tokens: readonly Token[], start: number): Token | undefined {
  let inBraces = false;
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || token.text === ';') return undefined;
    if (token.text === '{') inBraces = true;
    else if (token.text === '}') {
      inBraces = false;
      if (tokens[index + 1]?.text !== 'from') return undefined;
    } else if (token.text === 'from' && !inBraces && tokens[index + 1]?.kind === 'string')
      return tokens[index + 1];
  }
  return undefined;
}

const string = (token: Token | undefined): Token | undefined =>
  token?.kind === 'string' ? token : undefined;

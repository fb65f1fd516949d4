/** Tokens of an expression: operators, parentheses, and the text between them. */
const TOKENS = /\(|\)|&&|\|\||==|!=|(?:(?!\(|\)|&&|\|\||==|!=)[\s\S])+/g;

const ENDS_OPERAND = new Set([')', '&&', '||']);

/**
 * Evaluates `true`, `false`, `A==B` and `A!=B`, joined by `&&` and `||` (`&&` binds closer) and grouped by parentheses;
 * null where the text is no such expression.
 *
 * @example
 * ```ts
 * evaluate('prod==prod && (false || 1!=2)');  // true
 * ```
 */
export function evaluate(expression: string): boolean | null {
  const tokens = (expression.match(TOKENS) ?? [])
    .map((token) => token.trim())
    .filter((token) => token !== '');
  let at = 0;
  const value = either();
  return at === tokens.length ? value : null;

  function either(): boolean | null {
    let result = both();
    while (tokens[at] === '||') {
      at++;
      const right = both();
      result = result === null || right === null ? null : result || right;
    }
    return result;
  }

  function both(): boolean | null {
    let result = one();
    while (tokens[at] === '&&') {
      at++;
      const right = one();
      result = result === null || right === null ? null : result && right;
    }
    return result;
  }

  function one(): boolean | null {
    if (tokens[at] === '(') {
      at++;
      const inner = either();
      return tokens[at++] === ')' ? inner : null;
    }
    const left = operand();
    const operator = tokens[at];
    if (operator === '==' || operator === '!=') {
      at++;
      return (left === operand()) === (operator === '==');
    }
    return left === 'true' ? true : left === 'false' ? false : null;
  }

  /** Nothing on one side is what an empty placeholder leaves. */
  function operand(): string {
    const token = tokens[at];
    if (token === undefined || ENDS_OPERAND.has(token) || token === '==' || token === '!=') return '';
    at++;
    return token;
  }
}

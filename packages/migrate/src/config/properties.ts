/** A pair of a properties file, with the line it begins on. */
export interface Property {
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Reads a `flyway.conf` as Flyway does: blanks around lines go, a backslash is a backslash (Windows paths need no
 * escaping), one at the end of a line continues it unless a blank line or another key follows, `${NAME}` is a variable of
 * the environment (empty where there is none). What remains is a Java properties file.
 *
 * @example
 * ```ts
 * parseConf('flyway.locations=filesystem:C:\\sql, \\\n  filesystem:more', {});
 * // [{ key: 'flyway.locations', value: 'filesystem:C:\\sql, filesystem:more', line: 1 }]
 * ```
 */
export function parseConf(
  content: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly Property[] {
  const lines = content.replaceAll('\r\n', '\n').split('\n');
  const prepared = lines.flatMap((line, at) =>
    expandVariables(escapeBackslashes(line, lines[at + 1]), env)
      .split(/\r\n|\r|\n/)
      .map((part) => ({ text: part, line: at + 1 })),
  );
  return parseProperties(prepared);
}

function escapeBackslashes(line: string, next: string | undefined): string {
  const escaped = line.trim().replaceAll('\\', '\\\\');
  if (!escaped.endsWith('\\\\') || next === undefined || next === '') return escaped;
  const isKey = next.trim().startsWith('flyway.') && next.includes('=') && !/==|!=/.test(next);
  return isKey ? escaped : escaped.slice(0, -1);
}

function expandVariables(line: string, env: Readonly<Record<string, string | undefined>>): string {
  return line.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => env[name] ?? '');
}

interface NaturalLine {
  readonly text: string;
  readonly line: number;
}

/** The format of java.util.Properties. A key that stands twice has its last value. */
function parseProperties(lines: readonly NaturalLine[]): readonly Property[] {
  const properties = new Map<string, Property>();
  for (let at = 0; at < lines.length; at += 1) {
    const { line } = lines[at]!;
    let logical = trimStart(lines[at]!.text);
    // A comment is never continued.
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue;
    while (continues(logical) && at + 1 < lines.length) {
      at += 1;
      logical = logical.slice(0, -1) + trimStart(lines[at]!.text);
    }
    if (continues(logical)) logical = logical.slice(0, -1);
    const { key, value } = splitPair(logical);
    properties.set(key, { key, value, line });
  }
  return [...properties.values()];
}

function trimStart(line: string): string {
  return line.replace(/^[ \t\f]+/, '');
}

function continues(line: string): boolean {
  return /\\*$/.exec(line)![0].length % 2 === 1;
}

function splitPair(line: string): { key: string; value: string } {
  const [, key = '', rest = ''] = /^((?:\\.|[^\\=: \t\f])*)(.*)$/s.exec(line)!;
  return { key: unescape(key), value: unescape(rest.replace(/^[ \t\f]*[=:]?[ \t\f]*/, '')) };
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(part: string): string {
  return part.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

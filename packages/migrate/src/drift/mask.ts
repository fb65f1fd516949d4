/** What the schema's own name becomes. */
export const SCHEMA_MASK = '<schema>';
/** What the schema's owner becomes. */
export const OWNER_MASK = '<owner>';

/** What `createMask` needs to know of a schema. */
export interface MaskInput {
  readonly schema: string;
  readonly owner: string;
  readonly roles: Readonly<Record<string, string>>;
  /** Bare names of what the schema holds: they decide what `orders.x` means in a schema `orders` with a table `orders`. */
  readonly objects: ReadonlySet<string>;
}

/** Takes names that differ from schema to schema out of what PostgreSQL tells. */
export interface Mask {
  role(name: string): string;
  /** Masks a definition or a body: the schema as a qualifier, as a whole string, in a search_path; roles as a whole string or word of SQL. */
  text(sql: string): string;
}

/**
 * The name is a qualifier in `t_a.orders`, `"t_a".orders` and `'t_a.orders'::regclass`. Where the schema holds something of
 * its own name, `orders.id` is a column of that; then only a qualifier of something that the schema holds is masked.
 *
 * @example
 * ```ts
 * const mask = createMask({ schema: 't_a', owner: 'o', roles: {}, objects: new Set() });
 * mask.text("select * from t_a.orders where tenant = 't_a'");  // "select * from <schema>.orders where tenant = '<schema>'"
 * mask.role('o');                                              // '<owner>'
 * ```
 */
export function createMask({ schema, owner, roles, objects }: MaskInput): Mask {
  const known = new Map([[schema, SCHEMA_MASK], [owner, OWNER_MASK], ...Object.entries(roles)]);
  const ambiguous = objects.has(schema);
  const name = spelling(schema);
  const qualifier = new RegExp(
    String.raw`(?<![\p{L}\p{N}_$."])${name}(?=\s*\.\s*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)))`,
    'gu',
  );
  const path = /\bsearch_path'?\s*(?:=|\bto\b|,)\s*(?:'[^']*'|[^;)\n]*)/giu;
  const alone = new RegExp(String.raw`(?<![\p{L}\p{N}_$."])${name}(?![\p{L}\p{N}_$."])`, 'gu');
  const strings = [...known].map(([real, mask]) => ({
    pattern: new RegExp(
      `'(?:${escaped(literal(real))}|"${escaped(literal(real.replaceAll('"', '""')))}")'`,
      'gu',
    ),
    text: `'${mask}'`,
  }));
  const words = [...known]
    .filter(([real]) => real !== schema)
    .map(([real, mask]) => ({
      pattern: new RegExp(
        String.raw`(\b(?:role|user|to|from|by)\s+)${spelling(real)}(?![\p{L}\p{N}_$."])`,
        'giu',
      ),
      mask,
    }));
  return {
    role: (role) => known.get(role) ?? role,
    text(sql) {
      let masked = sql.replaceAll(qualifier, (match: string, quoted?: string, plain?: string) => {
        const next = quoted?.replaceAll('""', '"') ?? plain?.toLowerCase() ?? '';
        return ambiguous && !objects.has(next) ? match : SCHEMA_MASK;
      });
      masked = masked.replaceAll(path, (list) => list.replaceAll(alone, SCHEMA_MASK));
      for (const { pattern, text } of strings) masked = masked.replaceAll(pattern, () => text);
      for (const { pattern, mask } of words)
        masked = masked.replaceAll(pattern, (_, before: string) => before + mask);
      return masked;
    },
  };
}

/** A pattern for an identifier as SQL may spell it; without quotes it is folded, so that any case is meant. */
function spelling(name: string): string {
  const inner = escaped(name.replaceAll('"', '""'));
  // In a string, as in nextval('"it''s".ids'), apostrophes are doubled.
  const quoted = name.includes("'") ? `"(?:${inner}|${literal(inner)})"` : `"${inner}"`;
  if (!/^[\p{Ll}_][\p{Ll}\p{N}_$]*$/u.test(name)) return quoted;
  const anyCase = Array.from(name, (c) =>
    c.toUpperCase() === c ? escaped(c) : `[${c}${c.toUpperCase()}]`,
  ).join('');
  return `(?:${quoted}|${anyCase})`;
}

function literal(text: string): string {
  return text.replaceAll("'", "''");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

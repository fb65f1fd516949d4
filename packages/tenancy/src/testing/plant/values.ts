import { createHash } from 'node:crypto';
import { bearing, byDefault, fixed, other, type Candidate, type Role } from './candidate.ts';
import type { Column, Table } from './catalog.ts';
import { literalsOf, padded, patterned } from './hints.ts';

/** What could be put into a column in the n-th row, the best first. Some may not fit; PostgreSQL says which. */
export function candidates(table: Table, column: Column, n: number, role: Role): readonly Candidate[] {
  const rules = table.rules.filter((rule) => rule.columns.includes(column.name));
  const words = [...new Set(rules.flatMap(literalsOf))];
  const literals = words.map(fixed);
  const own = [
    ...ownValues(table, column, n, role),
    ...patterned(column, n, role, rules),
    ...padded(column, n, role, words),
  ];
  const nothing = [
    ...(column.hasDefault && !role.isKey ? [other(() => byDefault)] : []),
    ...(column.notNull ? [] : [other(() => null)]),
  ];
  const hasCanary = own.some(({ isCanary }) => isCanary);
  // A date of deletion that is set, or a flag, would hide the row from its own tenant.
  if (hasCanary || role.isKey) return [...own, ...nothing, ...literals];
  if (role.isUnique && column.notNull) return [...own, ...literals, ...nothing];
  return [...nothing, ...own, ...literals];
}

function ownValues(table: Table, column: Column, n: number, role: Role): readonly Candidate[] {
  const letter = String.fromCharCode(97 + n);
  if (column.labels.length > 0) return column.labels.map(fixed);
  switch (column.base) {
    case 'uuid':
      return [fixed(uuidOf(`${table.name}.${column.name}.${n}`))];
    case 'bool':
      return ['false', 'true'].map(fixed);
    case 'json':
    case 'jsonb':
      return [
        bearing((canary) => JSON.stringify({ canary })),
        bearing((canary) => JSON.stringify([canary])),
        bearing((canary) => JSON.stringify(canary)),
        ...['{}', '[]', '1'].map(fixed),
      ];
    case 'bytea':
      return [bearing((canary) => `\\x${Buffer.from(canary + letter).toString('hex')}`), fixed(`\\x0${n}`)];
    case 'xml':
      return [bearing((canary) => `<a>${canary}</a>`)];
    case 'hstore':
      return [bearing((canary) => `"canary"=>"${canary}"`)];
    case 'tsvector':
    case 'ltree':
      return [bearing((canary) => canary + letter)];
    default:
      return byCategory(column, n, letter, role);
  }
}

function byCategory(column: Column, n: number, letter: string, role: Role): readonly Candidate[] {
  switch (column.category) {
    case 'S':
      return role.isKey ? shortTexts(n, letter, column).map(fixed) : texts(n, letter, column);
    case 'N':
      return numbers(n, role).map(fixed);
    case 'D':
      return [`2024-01-0${n + 1} 00:00:00`, `2030-01-0${n + 1} 00:00:00`, `00:00:0${n}`].map(fixed);
    case 'T':
      return [`${n + 1} day`].map(fixed);
    case 'I':
      return [`192.0.2.${n + 1}`, `192.0.${n + 1}.0/24`].map(fixed);
    case 'A':
      return [bearing((canary) => `{${canary}${letter}}`), fixed('{}')];
    case 'R':
      return [`[${n}0,${n}1)`, `[2024-01-0${n + 1},2024-01-0${n + 2})`, '{}'].map(fixed);
    case 'G':
      return [`(${n},${n})`, `((0,0),(1,${n + 1}))`, `<(0,0),${n + 1}>`, `((0,0),(1,1),(${n + 2},0))`].map(
        fixed,
      );
    case 'V':
      return Array.from({ length: 65 }, (_, length) => (n + 1).toString(2).padStart(length, '0')).map(fixed);
    default:
      return [
        bearing((canary) => canary + letter),
        ...[`${n + 1}`, '{}', '()', `02:00:00:00:00:0${n}`].map(fixed),
      ];
  }
}

/** Forms that columns often ask for: a name, an address, a path, two words with a point. */
function texts(n: number, letter: string, column: Column): readonly Candidate[] {
  return [
    bearing((canary) => canary + letter),
    bearing((canary) => `${canary}${letter}@example.com`),
    bearing((canary) => `https://example.com/${canary}${letter}`),
    bearing((canary) => `${canary}.${letter}`),
    bearing((canary) => `/${canary}${letter}`),
    bearing((canary) => (canary + letter).toUpperCase()),
    bearing((canary) => JSON.stringify({ canary: canary + letter })),
    bearing((canary) => canary),
    ...shortTexts(n, letter, column).map(fixed),
  ];
}

function shortTexts(n: number, letter: string, column: Column): readonly string[] {
  const upper = letter.toUpperCase();
  return [
    `planted${letter}`,
    `planted-${letter}@example.com`,
    uuidOf(`${column.name}.${n}`),
    `${n + 1}`,
    `EU${upper === 'A' ? 'R' : upper}`,
    `X${upper}`,
    `x${letter}`,
    upper,
    letter,
    `0${n + 1}`,
    `+49301234560${n}`,
    `00${n + 1}`,
    `1.0.${n}`,
    `2024-01-0${n + 1}`,
    '#00000' + n,
    'a'.repeat(40 - 1) + letter,
    String(n).repeat(64),
  ];
}

function numbers(n: number, { isKey, above }: Role): readonly string[] {
  const next = String(above + BigInt(n + 1));
  return isKey ? [next, `${n + 1}`, `${n}`] : [`${n + 1}`, '0', '1', '10', '100', '1000', '-1', '0.5', next];
}

function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

import { tablePrivileges, type AccessMatrix } from './access-matrix.ts';

const head = ['cell', 'role', 'can_login', 'schema', 'relation', 'usage', 'create', 'may_set_role', 'tables'];

/**
 * Access matrices as CSV (RFC 4180): a line for each role and schema between which there is something, its privileges as numbers of
 * tables. Roles that reach everything have `*` for their schema. A pair without a line has nothing.
 */
export function matrixCsv(matrices: readonly (readonly [cell: string, matrix: AccessMatrix])[]): string {
  const lines = matrices.flatMap(([cell, { everywhere, cells }]) => [
    ...everywhere.map(({ role, canLogin, why }) => [cell, role, canLogin, '*', why, true, true, true]),
    ...cells.map((each) => [
      cell,
      each.role,
      each.canLogin,
      each.schema,
      each.relation,
      each.usage,
      each.create,
      each.maySet,
      each.tables,
      ...tablePrivileges.map((name) => each.privileges[name]),
    ]),
  ]);
  const width = head.length + tablePrivileges.length;
  return [[...head, ...tablePrivileges.map((name) => name.toLowerCase())], ...lines]
    .map((line) => [...line, ...Array<string>(width - line.length).fill('')].map(field).join(','))
    .map((line) => `${line}\r\n`)
    .join('');
}

/** A text that a spreadsheet would run as a formula gets an apostrophe in front. */
function field(value: string | number | boolean): string {
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

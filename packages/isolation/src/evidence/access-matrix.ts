import type pg from 'pg';
import { readOnly, tenantsOf } from '../audit.ts';
import type { Layout } from '../layout/types.ts';
import { matrixSql } from './access-matrix-sql.ts';

/** What is counted of tables, views and the like. MAINTAIN came with PostgreSQL 17 and is 0 before. */
export const tablePrivileges = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'MAINTAIN',
] as const;
export type TablePrivilege = (typeof tablePrivileges)[number];

/** What a role is to the tenant whose schema it is: its login, its owner, or somebody else. */
export type RoleRelation = 'login' | 'owner' | 'other';

/** A role and a tenant's schema between which there is something. */
export interface AccessCell {
  readonly role: string;
  readonly canLogin: boolean;
  readonly schema: string;
  readonly relation: RoleRelation;
  readonly usage: boolean;
  readonly create: boolean;
  /** Tables, views, materialized views, foreign and partitioned tables of the schema. */
  readonly tables: number;
  /** On how many of them the role holds the privilege, itself or through what it inherits. */
  readonly privileges: Readonly<Record<TablePrivilege, number>>;
  /** True where it may also become a role that has more: SET ROLE to the tenant's login or owner. */
  readonly maySet: boolean;
}

/** Role × schema, as PostgreSQL itself answers; a pair that is not among the cells has nothing. */
export interface AccessMatrix {
  readonly asOf: string;
  readonly database: string;
  /** All that were asked about: every role but PostgreSQL's own, and PUBLIC. */
  readonly roles: number;
  readonly schemas: number;
  /** Those schemas, in order. */
  readonly names: readonly string[];
  /** Roles that PostgreSQL does not ask: superusers, and those that hold a predefined role for all data. */
  readonly everywhere: readonly { readonly role: string; readonly why: string; readonly canLogin: boolean }[];
  readonly cells: readonly AccessCell[];
}

interface Row extends Omit<AccessCell, 'privileges'> {
  readonly privileges: readonly number[];
}

/**
 * Asks PostgreSQL for the rights of every role on every tenant's schema. Sparse: 1,000 tenants have some thousand cells and not
 * millions. One read-only transaction, in which catalogs are read and no table of a tenant.
 *
 * @example
 * const { cells } = await readAccessMatrix(client, layout);
 * cells.filter(({ relation }) => relation === 'other'); // who besides the tenant itself
 */
export async function readAccessMatrix(client: pg.ClientBase, layout: Layout): Promise<AccessMatrix> {
  return readOnly(client, false, async () => {
    const names = await tenantsOf(client, layout);
    const { rows: at } = await client.query<{ asOf: Date; database: string; roles: number; version: number }>(
      `SELECT now() AS "asOf", current_database()::text AS database,
              (SELECT count(*)::int FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_') AS roles,
              current_setting('server_version_num')::int AS version`,
    );
    const { asOf, database, roles, version } = at[0]!;
    const asked =
      version >= 170_000 ? tablePrivileges : tablePrivileges.filter((name) => name !== 'MAINTAIN');
    const { rows: everywhere } = await client.query<AccessMatrix['everywhere'][number]>(matrixSql.everywhere);
    const { rows } = await client.query<Row>(matrixSql.cells(asked), [
      names,
      layout.tenants.login,
      layout.tenants.owner,
    ]);
    return {
      asOf: asOf.toISOString(),
      database,
      roles,
      schemas: names.length,
      names,
      everywhere,
      cells: rows.map(cellOf),
    };
  });
}

function cellOf(row: Row): AccessCell {
  return { ...row, privileges: named(row.privileges) };
}

function named(counts: readonly number[]): AccessCell['privileges'] {
  const entries = tablePrivileges.map((name, at) => [name, counts[at] ?? 0] as const);
  return Object.fromEntries(entries) as Record<TablePrivilege, number>;
}

/** A kind of cell that many tenants have, in words. */
export interface CondensedGroup {
  readonly who: string;
  readonly may: string;
  readonly tenants: number;
}

/** An access matrix on half a page. */
export interface CondensedMatrix {
  readonly cell: string;
  readonly asOf: string;
  /** Null in the report for one tenant, as are `schemas` and `pairs`. */
  readonly roles: number | null;
  readonly schemas: number | null;
  readonly pairs: number | null;
  readonly everywhere: readonly { readonly role: string; readonly why: string }[];
  readonly own: readonly CondensedGroup[];
  /** Whoever is neither the tenant's login nor its owner; each by name. */
  readonly others: readonly { readonly role: string; readonly schema: string; readonly may: string }[];
  /** How many of the others are not listed. */
  readonly othersLeftOut: number;
}

/** Others that a report lists; the export has all. */
const mostOthers = 200;

/** The matrix of a cell for a report: what all tenants have in common once, and whoever stands out by name. */
export function condenseMatrix(cell: string, matrix: AccessMatrix): CondensedMatrix {
  const groups = new Map<string, CondensedGroup>();
  for (const each of matrix.cells) {
    if (each.relation === 'other') continue;
    const who =
      each.relation === 'login' ? 'the tenant’s own login' : 'the tenant’s own owner, which cannot log in';
    const group = {
      who: each.relation === 'owner' && each.canLogin ? 'the tenant’s own owner' : who,
      may: mayOf(each),
    };
    const key = `${group.who}\0${group.may}`;
    groups.set(key, { ...group, tenants: (groups.get(key)?.tenants ?? 0) + 1 });
  }
  const others = matrix.cells.filter(({ relation }) => relation === 'other');
  return {
    cell,
    asOf: matrix.asOf,
    roles: matrix.roles,
    schemas: matrix.schemas,
    pairs: matrix.roles * matrix.schemas,
    everywhere: matrix.everywhere.map(({ role, why }) => ({ role, why })),
    own: [...groups.values()].toSorted((a, b) => b.tenants - a.tenants),
    ...othersOf(others),
  };
}

function othersOf(cells: readonly AccessCell[]): Pick<CondensedMatrix, 'others' | 'othersLeftOut'> {
  const byRole = Map.groupBy(cells, ({ role, ...rest }) => `${role}\0${mayOf({ role, ...rest })}`);
  const others = [...byRole.values()].flatMap((same) => {
    const { role } = same[0]!;
    // A role that has the same of many, as the control role, is one line.
    if (same.length > 5) return [{ role, schema: `${same.length} schemas`, may: mayOf(same[0]!) }];
    return same.map((each) => ({ role, schema: each.schema, may: mayOf(each) }));
  });
  return { others: others.slice(0, mostOthers), othersLeftOut: Math.max(0, others.length - mostOthers) };
}

/** `use the schema; SELECT, INSERT, UPDATE, DELETE on all tables`. */
export function mayOf({ usage, create, tables, privileges, maySet }: AccessCell): string {
  const held = tablePrivileges.filter((name) => privileges[name] > 0);
  const all = held.filter((name) => privileges[name] === tables);
  const most = held.filter((name) => privileges[name] === tables - 1);
  const some = held.filter((name) => privileges[name] < tables - 1);
  const parts = [
    ...(usage ? ['use the schema'] : []),
    ...(create ? ['create in it'] : []),
    ...(all.length > 0 ? [`${all.join(', ')} on all tables`] : []),
    // The table of migrations, which a login reads.
    ...(most.length > 0 ? [`${most.join(', ')} on all tables but one`] : []),
    ...(some.length > 0 ? [`${some.join(', ')} on some tables`] : []),
    ...(maySet ? ['become its owner or its login'] : []),
  ];
  return parts.join('; ');
}

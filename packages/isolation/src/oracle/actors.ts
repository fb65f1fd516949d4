import type pg from 'pg';
import type { Layout, RoleKind } from '../layout/types.ts';

/** A role, as its name says what it is for. */
export interface Actor {
  readonly oid: number;
  readonly name: string;
  readonly kind: RoleKind | 'unknown';
  /** Schema of the tenant whose login or owner it is. */
  readonly tenant: string | null;
  readonly superuser: boolean;
}

export interface Place {
  readonly oid: number;
  readonly name: string;
}

/** Who and what an oracle asks about. */
export interface Cast {
  /** Roles that must not get anywhere: all but superusers of the server, its operators, the control role and readers. */
  readonly actors: readonly Actor[];
  readonly tenants: readonly Place[];
  /** Schemas that are neither tenants' nor PostgreSQL's own. */
  readonly shared: readonly Place[];
  /** Any two tenants' logins; of a design with one login that one. What they may do PUBLIC and their groups may do. */
  readonly witnesses: readonly Actor[];
}

/**
 * Reads roles and schemas and sorts them by name alone: with none of the audit's SQL, so that a slip in one does not blind
 * the other.
 */
export async function readCast(
  client: pg.ClientBase,
  layout: Layout,
  names: readonly string[],
): Promise<Cast> {
  const roles = await client.query<{ oid: number; name: string; superuser: boolean }>(
    'SELECT oid::int8::text::int AS oid, rolname::text AS name, rolsuper AS superuser FROM pg_catalog.pg_roles ORDER BY rolname',
  );
  const spaces = await client.query<Place>(
    `SELECT oid::int8::text::int AS oid, nspname::text AS name FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname`,
  );
  const isTenant = new Set(names);
  const byName = tenantsByRole(layout, names);
  const toActor = (row: Pick<Actor, 'oid' | 'name' | 'superuser'>): Actor => ({
    ...row,
    ...(byName.get(row.name) ?? { kind: kindOf(row.name, layout), tenant: null }),
  });
  const actors = roles.rows
    .map(toActor)
    .filter((actor) => actor.oid !== bootstrap && !exempt.has(actor.kind));
  return {
    actors,
    tenants: spaces.rows.filter(({ name }) => isTenant.has(name)),
    shared: spaces.rows.filter(({ name }) => !isTenant.has(name)),
    witnesses: pickWitnesses(actors),
  };
}

/** PostgreSQL gives the superuser that initdb makes this number. */
const bootstrap = 10;
const exempt: ReadonlySet<Actor['kind']> = new Set(['predefined', 'operator', 'control', 'reader']);

function tenantsByRole(
  { tenants }: Layout,
  names: readonly string[],
): Map<string, Pick<Actor, 'kind' | 'tenant'>> {
  const found = new Map<string, Pick<Actor, 'kind' | 'tenant'>>();
  for (const [template, kind] of [
    [tenants.owner, 'owner'],
    [tenants.login, 'login'],
  ] as const) {
    if (template === null || !template.includes('{schema}')) continue;
    for (const tenant of names)
      found.set(
        template.replace('{schema}', () => tenant),
        { kind, tenant },
      );
  }
  return found;
}

/** Patterns of the layout are PostgreSQL's; those of roles are plain enough to mean the same here. */
function kindOf(name: string, { roles }: Layout): Actor['kind'] {
  if (name.startsWith('pg_')) return 'predefined';
  return roles.find(({ pattern }) => new RegExp(pattern).test(name))?.kind ?? 'unknown';
}

function pickWitnesses(actors: readonly Actor[]): readonly Actor[] {
  const logins = actors.filter(({ kind, superuser }) => kind === 'login' && !superuser);
  if (logins.length === 0) return actors.filter(({ kind }) => kind === 'application').slice(0, 1);
  return logins.length === 1 ? logins : [logins[0]!, logins.at(-1)!];
}

/** What a fault weakens; the families of the catalogue, in its order. */
export const faultFamilies = [
  'schemas',
  'tables',
  'columns',
  'sequences',
  'routines',
  'types',
  'large objects',
  'database',
  'server objects',
  'parameters',
  'defaults',
  'roles',
  'memberships',
  'predefined roles',
  'settings',
  'owners',
  'dependencies',
  'code',
  'shared schemas',
  'global objects',
  'replication',
  'catalog',
  'leases',
  'control plane',
  'registry',
  'comments',
] as const;

export type FaultFamily = (typeof faultFamilies)[number];

/**
 * One way in which an operator, a migration or an attacker weakens isolation. Statements name their victims by placeholders:
 *
 * | placeholder | stands for |
 * |---|---|
 * | `{a}`, `{b}` | two tenants: schema and login; `{a}` is who gains |
 * | `{a_owner}`, `{b_owner}` | their owners |
 * | `{control}`, `{database}` | the control role, the database |
 * | `{slot}`, `{slot2}`, `{broker}`, `{group}`, `{owners}`, `{slots}`, `{registrar}` | the roles that all tenants share |
 */
export interface Fault {
  /** Stable: `tables.select.public`. */
  readonly id: string;
  readonly family: FaultFamily;
  readonly title: string;
  /** Run as a superuser, in a transaction that is rolled back; outside of one where `undo` says how it is taken back. */
  readonly sql: string;
  /** What the subject of a new finding must have in it, for the fault to count as found. */
  readonly names: string;
  /** Beginnings of the ids of checks that may have found it; any where there is none. Another finding of the same subject is not this fault. */
  readonly by: readonly string[];
  /** It changes what a role may do, so that the rights oracle ought to notice as well. */
  readonly rights: boolean;
  readonly undo: string | null;
  /** Why nobody who is no superuser can notice; such a fault is put in all the same, and counted as skipped. */
  readonly unseen: string | null;
}

interface More {
  readonly rights?: boolean;
  readonly undo?: string;
  readonly unseen?: string;
}

/** Makes the faults of one family: id, title, statement, what a finding must name. */
export function family(
  name: FaultFamily,
  prefix: string,
  by: readonly string[] = [],
): (id: string, title: string, sql: string, names: string, more?: More) => Fault {
  return (id, title, sql, names, { rights = false, undo, unseen } = {}) => ({
    id: `${prefix}.${id}`,
    family: name,
    title,
    sql,
    names,
    by,
    rights,
    undo: undo ?? null,
    unseen: unseen ?? null,
  });
}

/** What placeholders of a fault stand for. */
export type FaultCast = Readonly<Record<string, string>>;

/** A fault's text with its placeholders filled in. Throws a RangeError for one that nobody knows. */
export function fill(text: string, cast: FaultCast): string {
  return text.replaceAll(/\{([a-z_0-9]+)\}/g, (whole, name: string) => {
    const value = cast[name];
    if (value === undefined) throw new RangeError(`A fault has the unknown placeholder ${whole}.`);
    return value;
  });
}

/** What a role is for. `application` runs the SQL of several tenants, which no design of isolation needs: it is what is looked at. */
export type RoleKind =
  | 'bootstrap'
  | 'predefined'
  | 'operator'
  | 'control'
  | 'login'
  | 'owner'
  | 'group'
  | 'owners'
  | 'registrar'
  | 'slots'
  | 'slot'
  | 'broker'
  | 'audit'
  | 'reference'
  | 'reader'
  | 'application'
  | 'other';

/** What a schema is for. */
export type SchemaKind =
  | 'tenant'
  | 'public'
  | 'extensions'
  | 'lease'
  | 'canary'
  | 'control'
  | 'audit'
  | 'reference'
  | 'shared';

/** What privileges are on. `history` is the table in which migrations are written down. */
export type ObjectKind =
  | 'schema'
  | 'table'
  | 'history'
  | 'column'
  | 'sequence'
  | 'function'
  | 'type'
  | 'large object'
  | 'database'
  | 'language'
  | 'foreign-data wrapper'
  | 'foreign server'
  | 'tablespace'
  | 'parameter';

/**
 * Which schemas are tenants', and what the roles of each are called, `{schema}` standing for the schema. A template without
 * it names one role for all; null where a tenant has no such role.
 */
export interface TenantRule {
  /** Regular expression of PostgreSQL that the schema's name fits. */
  readonly pattern: string | null;
  /** A query with one column, the schemas' names; instead of the pattern. */
  readonly query: string | null;
  /** Schemas that fit the pattern and are none. */
  readonly except: readonly string[];
  readonly login: string | null;
  readonly owner: string | null;
}

/** Roles that fit `pattern`, and what they must be. Where a value is null nothing is asked. */
export interface RoleRule {
  readonly kind: RoleKind;
  /** Regular expression of PostgreSQL that the whole name fits. */
  readonly pattern: string;
  readonly login: boolean | null;
  readonly inherit: boolean | null;
  readonly createRole: boolean;
  readonly superuser: boolean;
  /** Exactly so many connections; `some` is any limit. */
  readonly connections: number | 'some' | null;
  /** `always`: it has an end. `never`: it has none. */
  readonly expires: 'always' | 'never' | null;
  /** How many of them there must be at least. */
  readonly atLeast: number;
}

export interface SchemaRule {
  readonly kind: SchemaKind;
  readonly name: string;
  /** Roles that may own it and what is in it; the oldest PostgreSQL has are `bootstrap`'s. */
  readonly owners: readonly RoleKind[];
  readonly required: boolean;
  /** What may be in it besides members of extensions; null where anything may. `table canary`, `function claim`. */
  readonly objects: readonly string[] | null;
}

/** A membership that the design needs: `member` holds `role`. */
export interface MemberRule {
  readonly role: RoleKind;
  readonly member: RoleKind;
  /** Both of one tenant. */
  readonly same: boolean;
  readonly admin: boolean | null;
  readonly inherit: boolean | null;
  readonly set: boolean | null;
  /** Who may have granted it; of the same tenant where that is a tenant's. */
  readonly grantors: readonly RoleKind[];
  readonly required: boolean;
}

/** Privileges that the design needs, or bears. */
export interface GrantRule {
  readonly object: ObjectKind;
  /** Kind of the schema that the object lies in; null where it lies in none. */
  readonly schema: SchemaKind | null;
  /** Name of the object; null for any. */
  readonly name: string | null;
  readonly to: RoleKind | 'public';
  /** Object and role of one tenant. */
  readonly same: boolean;
  readonly privileges: readonly string[];
  /** `open`: of every tenant that is not shut out. */
  readonly required: 'no' | 'yes' | 'open';
}

/** Default privileges: what is granted on objects that roles of `role` will create. */
export interface DefaultRule {
  readonly role: RoleKind;
  /** `r` tables, `S` sequences, `f` functions, `T` types, as in pg_default_acl. */
  readonly objects: 'r' | 'S' | 'f' | 'T';
  readonly to: RoleKind;
  readonly same: boolean;
  readonly privileges: readonly string[];
}

/** A setting that is stored on a role or the database. */
export interface SettingRule {
  /** Null: on the database, for everybody. */
  readonly role: RoleKind | null;
  readonly name: string;
  /** Null for any. */
  readonly value: string | null;
  readonly required: boolean;
}

/** The functions that lease a tenant; `{schema}` stands for the tenant in names, bodies and settings. */
export interface LeaseFunctionRule {
  readonly name: string;
  readonly arguments: string;
  readonly owner: RoleKind;
  readonly body: string;
  /** It runs as its owner, with a search path of its own; else as its caller. */
  readonly definer: boolean;
  readonly language: 'sql' | 'plpgsql';
  /** One for each tenant, or one for the cell. */
  readonly each: boolean;
  /** That it is not there is a finding. */
  readonly required: boolean;
}

/** A function of the audit trail that runs as its owner: what it is called, and the MD5 of its body. */
export interface DefinerRule {
  readonly name: string;
  readonly digest: string;
}

/** A finding that somebody has decided to live with. */
export interface Acceptance {
  readonly check: string;
  /** Regular expression of JavaScript that the whole subject fits. */
  readonly subject: string;
  readonly reason: string;
}

/** A tenant as the registry of the control plane has it. */
export interface RegisteredTenant {
  readonly schema: string;
  /** `changing`: being built, opened, closed or purged; nothing is asked of it. */
  readonly state: 'open' | 'closed' | 'changing';
}

/** All that a design needs of a database. What is not in here is a finding. */
export interface Layout {
  readonly name: string;
  readonly database: string;
  /** The role that audits; others may connect and look, but see less of settings. */
  readonly control: string;
  readonly tenants: TenantRule;
  readonly registry: readonly RegisteredTenant[] | null;
  readonly roles: readonly RoleRule[];
  readonly schemas: readonly SchemaRule[];
  readonly members: readonly MemberRule[];
  readonly grants: readonly GrantRule[];
  readonly defaults: readonly DefaultRule[];
  readonly settings: readonly SettingRule[];
  readonly leases: readonly LeaseFunctionRule[];
  /** Functions of the audit trail; others that run as their owner are findings. */
  readonly definers: readonly DefinerRule[];
  /** Extensions that may be installed; null for any but those that leave the database. */
  readonly extensions: readonly string[] | null;
  readonly replicationSlots: readonly string[];
  /** Of the table in which migrations are written down, in each tenant's schema. */
  readonly historyTable: string;
  readonly accepted: readonly Acceptance[];
}

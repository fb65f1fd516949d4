import { builtInGrants, exactly, grant, oneOf, role, schema } from './rules.ts';
import type { Acceptance, GrantRule, Layout, RoleKind, SchemaKind, TenantRule } from './types.ts';

/** What {@link foreignLayout} needs to know of a database that Tenantry did not lay out. */
export interface ForeignLayoutOptions {
  /** For the name of the layout in a report; what is looked at is the same for all of them. */
  readonly style: 'schema-per-tenant' | 'django-tenants' | 'apartment';
  readonly database: string;
  /** The role that makes tenants; often the application itself. */
  readonly control: string;
  /** Roles that the application's SQL runs as, for more than one tenant. */
  readonly application: readonly string[];
  readonly tenants: TenantRule;
  /** Schemas that all tenants share. Default `public`. */
  readonly shared?: readonly string[];
  readonly readers?: readonly string[];
  readonly operators?: readonly string[];
  readonly extensions?: readonly string[];
  readonly replicationSlots?: readonly string[];
  /** Table in which the framework writes migrations down. Default: that of the style. */
  readonly historyTable?: string;
  readonly accepted?: readonly Acceptance[];
}

const historyTables = {
  'schema-per-tenant': 'schema_migrations',
  'django-tenants': 'django_migrations',
  apartment: 'schema_migrations',
} as const;

/**
 * The layout of a database with a schema for each tenant that something else has made: with one role for all of them, or with
 * one for each. What the application needs for its work is no finding by itself; how far it gets with it is.
 *
 * @example
 * const layout = foreignLayout({ style: 'apartment', database: 'shop', control: 'rails', application: ['rails'],
 *   tenants: { pattern: '^shop_', query: null, except: [], login: null, owner: null } });
 */
export function foreignLayout(options: ForeignLayoutOptions): Layout {
  const { style, database, control, application, tenants, shared = ['public'] } = options;
  const owners: readonly RoleKind[] = ['control', 'application', 'owner', 'bootstrap', 'operator'];
  const isShared = (name: string): SchemaKind => (name === 'public' ? 'public' : 'shared');
  return {
    name: style,
    database,
    control,
    tenants: withOwner(tenants, application, control),
    registry: null,
    roles: [
      ...(options.operators ?? []).map((name) =>
        role('operator', exactly(name), { login: null, createRole: true, superuser: true, expires: null }),
      ),
      role('application', oneOf(application), { login: null, expires: null }),
      role('control', exactly(control), { login: null, createRole: true, expires: null }),
      role('login', patternOf(tenants.login), { login: true, expires: null }),
      role('owner', patternOf(tenants.owner), { login: null, expires: null }),
      role('reader', oneOf(options.readers ?? []), { login: true, expires: null }),
    ],
    schemas: [...new Set(['public', ...shared])].map((name) =>
      schema(isShared(name), name, [...owners, 'predefined'], { objects: null }),
    ),
    members: [],
    grants: [
      ...builtInGrants,
      grant('database', null, 'application', 'CONNECT TEMPORARY CREATE'),
      grant('database', null, 'login', 'CONNECT'),
      grant('database', null, 'reader', 'CONNECT'),
      ...spaceGrants('tenant'),
      ...spaceGrants('public'),
      ...spaceGrants('shared'),
    ],
    defaults: [],
    settings: [],
    leases: [],
    definers: [],
    extensions: options.extensions ?? null,
    replicationSlots: options.replicationSlots ?? [],
    historyTable: options.historyTable ?? historyTables[style],
    accepted: options.accepted ?? [],
  };
}

/** Where no role owns tenants' schemas by itself, whoever makes them does. */
function withOwner(tenants: TenantRule, application: readonly string[], control: string): TenantRule {
  if (tenants.owner !== null) return tenants;
  return { ...tenants, owner: application.length === 1 && application[0] === control ? control : null };
}

/** A template as a pattern of whole names; what is no template is known by its name. */
function patternOf(template: string | null): string {
  if (template === null || !template.includes('{schema}')) return '^$';
  const [before, after] = template.split('{schema}').map((part) => exactly(part).slice(1, -1));
  return `^${before!}.+${after!}$`;
}

/** What an application needs of a schema, and what PostgreSQL gives to everybody of functions and types in one. */
function spaceGrants(kind: 'tenant' | 'public' | 'shared'): readonly GrantRule[] {
  const rows = 'SELECT INSERT UPDATE DELETE';
  return [
    grant('schema', kind, 'application', 'USAGE CREATE'),
    grant('table', kind, 'application', `${rows} TRUNCATE REFERENCES TRIGGER MAINTAIN`),
    grant('history', kind, 'application', rows),
    grant('sequence', kind, 'application', 'USAGE SELECT UPDATE'),
    grant('function', kind, 'application', 'EXECUTE'),
    grant('type', kind, 'application', 'USAGE'),
    grant('schema', kind, 'login', 'USAGE', { same: kind === 'tenant' }),
    grant('table', kind, 'login', kind === 'tenant' ? rows : 'SELECT', { same: kind === 'tenant' }),
    grant('history', kind, 'login', 'SELECT', { same: kind === 'tenant' }),
    grant('sequence', kind, 'login', 'USAGE SELECT', { same: kind === 'tenant' }),
    grant('schema', kind, 'reader', 'USAGE'),
    grant('table', kind, 'reader', 'SELECT'),
    grant('history', kind, 'reader', 'SELECT'),
    grant('function', kind, 'public', 'EXECUTE'),
    grant('type', kind, 'public', 'USAGE'),
  ];
}

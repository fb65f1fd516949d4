import type {
  DefaultRule,
  GrantRule,
  MemberRule,
  ObjectKind,
  RoleKind,
  RoleRule,
  SchemaKind,
  SchemaRule,
  SettingRule,
} from './types.ts';

/** A role that cannot do anything by itself, unless something else is said. */
export function role(kind: RoleKind, pattern: string, more: Partial<RoleRule> = {}): RoleRule {
  return {
    kind,
    pattern,
    login: false,
    inherit: null,
    createRole: false,
    superuser: false,
    connections: null,
    expires: 'never',
    atLeast: 0,
    ...more,
  };
}

export function schema(
  kind: SchemaKind,
  name: string,
  owners: readonly RoleKind[],
  more: Partial<SchemaRule> = {},
): SchemaRule {
  return { kind, name, owners, required: false, objects: [], ...more };
}

/** `member` inherits `role` and can neither become it nor hand it on. */
export function member(roleKind: RoleKind, of: RoleKind, more: Partial<MemberRule> = {}): MemberRule {
  return {
    role: roleKind,
    member: of,
    same: false,
    admin: false,
    inherit: true,
    set: false,
    grantors: ['registrar'],
    required: true,
    ...more,
  };
}

export function grant(
  object: ObjectKind,
  inSchema: SchemaKind | null,
  to: RoleKind | 'public',
  privileges: string,
  more: Partial<GrantRule> = {},
): GrantRule {
  return {
    object,
    schema: inSchema,
    name: null,
    to,
    same: false,
    privileges: privileges.split(' '),
    required: 'no',
    ...more,
  };
}

export function byDefault(
  of: RoleKind,
  objects: DefaultRule['objects'],
  to: RoleKind,
  privileges: string,
  same = false,
): DefaultRule {
  return { role: of, objects, to, same, privileges: privileges.split(' ') };
}

export function setting(
  of: RoleKind | null,
  name: string,
  value: string | null = null,
  required = false,
): SettingRule {
  return { role: of, name, value, required };
}

/** What PostgreSQL gives to PUBLIC of languages and tablespaces that it brings along. */
export const builtInGrants: readonly GrantRule[] = [
  grant('language', null, 'public', 'USAGE', { name: 'internal' }),
  grant('language', null, 'public', 'USAGE', { name: 'c' }),
  grant('language', null, 'public', 'USAGE', { name: 'sql' }),
  grant('language', null, 'public', 'USAGE', { name: 'plpgsql' }),
];

/** The name, as a pattern that nothing else fits. */
export function exactly(name: string): string {
  return `^${name.replaceAll(/[^a-zA-Z0-9_]/g, String.raw`\$&`)}$`;
}

export function oneOf(names: readonly string[]): string {
  // A pattern that nothing fits where there is none.
  return names.length === 0 ? '^$' : names.map(exactly).join('|');
}

/** What an API key may do. An endpoint names the one that it needs; a role is a set of them. */
export const permissions = [
  'tenants:read',
  'tenants:write',
  'tenants:purge',
  'operations:read',
  'operations:write',
  'audit:read',
  'cells:read',
  'cells:write',
  'migrations:read',
  'placements:read',
  'readers:read',
  'readers:write',
  'isolation:read',
  'isolation:write',
  'isolation:accept',
  'evidence:read',
  'evidence:write',
  'security:read',
  'security:report',
  'keys:read',
  'keys:write',
  'sessions:read',
  'sessions:write',
  'settings:read',
  'playground:run',
] as const;

export type Permission = (typeof permissions)[number];

/**
 * The roles of people and programs. `tenant` is bound to one tenant: whatever it reads is filtered to that tenant,
 * and every other one is a 404. `runtime` is for applications: it is told where tenants live, reports
 * what was refused, and can do nothing else. Who may open
 * readers sees the data of every tenant, so that is the administrator's alone. Who
 * runs what is verified does not accept what it finds: that is for an auditor, or the administrator.
 */
export const rolePermissions = {
  admin: permissions,
  operator: [
    'tenants:read',
    'tenants:write',
    'operations:read',
    'operations:write',
    'cells:read',
    'migrations:read',
    'isolation:read',
    'isolation:write',
    'evidence:read',
    'security:read',
    'settings:read',
  ],
  auditor: [
    'tenants:read',
    'operations:read',
    'audit:read',
    'cells:read',
    'migrations:read',
    'readers:read',
    'isolation:read',
    'isolation:accept',
    'evidence:read',
    'evidence:write',
    'security:read',
    'keys:read',
    'sessions:read',
    'settings:read',
  ],
  developer: [
    'tenants:read',
    'operations:read',
    'cells:read',
    'migrations:read',
    'isolation:read',
    'settings:read',
    'playground:run',
  ],
  tenant: ['tenants:read', 'operations:read', 'evidence:read', 'security:read'],
  runtime: ['placements:read', 'security:report'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof rolePermissions;

export const roles = Object.keys(rolePermissions) as Role[];

/** Roles that a person can have: `runtime` is for programs. */
export const peopleRoles = ['admin', 'operator', 'auditor', 'developer', 'tenant'] as const;
export type PeopleRole = (typeof peopleRoles)[number];

/** True when a role includes a permission. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return (rolePermissions[role] as readonly Permission[]).includes(permission);
}

import { randomBase32, tenantId, type TenantId } from '@tenantry/tenancy';

/**
 * Every role that a run makes has a name of this form *and* a comment of the form below. Both are asked for before anything is
 * removed: a tenant of a customer could be called so by chance, in one of a thousand million, and has no such comment.
 */
const rolePattern = /^(t_canary[a-z2-7]{6}(_owner)?|tenantry_canary_(path|role)_[a-z2-7]{6})$/;
const markPattern = /^tenantry canary ([a-z2-7]{12})$/;

/** A new id of a run. */
export function newRun(): string {
  return randomBase32(12);
}

/** A new tenant id that {@link isCanaryRole} knows. */
export function newCanaryTenant(): TenantId {
  return tenantId(`t_canary${randomBase32(6)}`);
}

/** A new name for the login of a positive control. */
export function newControlLogin(kind: 'path' | 'role'): string {
  return `tenantry_canary_${kind}_${randomBase32(6)}`;
}

/** A new name for a schema of a run where schemas are no roles. */
export function newCanarySchema(): string {
  return `tenantry_canary_${randomBase32(6)}`;
}

/** Such a name, as a regular expression of PostgreSQL. */
export const canarySchemaPattern = '^tenantry_canary_[a-z2-7]{6}$';

/** True for the name of a role that a run may have made; the comment on it says whether one did. */
export function isCanaryRole(name: string): boolean {
  return rolePattern.test(name);
}

/** The same as a regular expression of PostgreSQL. */
export const canaryRolePattern = rolePattern.source;

/** The comment on every role of a run. */
export function markOf(run: string): string {
  return `tenantry canary ${run}`;
}

/** The run that a comment names, or undefined. */
export function runOf(mark: string | null): string | undefined {
  return markPattern.exec(mark ?? '')?.[1];
}

/** What the connections of a run are called in pg_stat_activity: as long as its keeper is connected, the run lives. */
export function applicationNameOf(run: string): string {
  return `tenantry isolation ${run}`;
}

/** What is in the rows of one tenant and nowhere else: a word of letters and digits, so that every function keeps it whole. */
export function newCanary(): string {
  return `canary${randomBase32(20)}`;
}

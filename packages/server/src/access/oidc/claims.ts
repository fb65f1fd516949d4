import type { PeopleRole } from '@tenantry/contract';
import type { OidcSettings } from './settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** What somebody may be here: a role, and for the role tenant the id or slug of which one. */
export interface MappedRole {
  readonly role: PeopleRole;
  readonly tenant: string | undefined;
}

/**
 * A claim by its name. A name with dots is first looked for as it is, since some providers demand addresses as names, and
 * then as a path: `realm_access.roles`.
 */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}

/** The role that the claims give by the map, whose first match counts; undefined for somebody who is to be refused. */
export function mapRole(claims: Claims, settings: OidcSettings): MappedRole | undefined {
  const values = textsOf(claimAt(claims, settings.roleClaim));
  const match = settings.roleMap.find(({ value }) => values.includes(value));
  if (!match) return undefined;
  if (match.role !== 'tenant') return { role: match.role, tenant: undefined };
  const tenant = match.tenant ?? textsOf(claimAt(claims, settings.tenantClaim))[0];
  return tenant === undefined ? undefined : { role: 'tenant', tenant };
}

/** What people see: the most readable of what the provider says about somebody. */
export function nameOf(claims: Claims): string {
  for (const claim of ['email', 'preferred_username', 'name', 'sub']) {
    const [text] = textsOf(claims[claim]);
    if (text !== undefined && text.trim() !== '') return printable(text).slice(0, 200);
  }
  return 'unknown';
}

function textsOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((item) => typeof item === 'string');
}

/** It goes into the audit trail and onto screens. */
function printable(text: string): string {
  return text.toWellFormed().replace(/\p{Cc}/gu, ' ');
}

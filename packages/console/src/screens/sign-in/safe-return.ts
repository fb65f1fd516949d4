import type { Me } from '@tenantry/contract';

/** Where to go after signing in: an address of this console, or its first page. Nobody is sent to another site. */
export function safeReturn(address: string | undefined): string {
  if (address === undefined || !/^\/(?![/\\])/.test(address)) return '/';
  return new URL(address, window.location.origin).origin === window.location.origin ? address : '/';
}

/** Where a person begins who did not ask for anything: with what their role is about. */
export function homeOf({ role, tenantId }: Me): string {
  if (tenantId !== null) return `/tenants/${tenantId}`;
  if (role === 'auditor') return '/isolation';
  return role === 'developer' ? '/docs' : '/';
}

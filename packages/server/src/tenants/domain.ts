import { domainToASCII } from 'node:url';
import { TenantryError } from '../errors.ts';

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * A host name in its one form: lower case, xn-- for what is not ASCII, no dot at the end. Undefined for what is none: an
 * address, a name of one label, one with a port.
 */
export function domainOf(text: string): string | undefined {
  if (/[\s/:@?#%[\]\\]/.test(text) || text.length > 300) return undefined;
  const domain = domainToASCII(text).replace(/\.$/, '').toLowerCase();
  const labels = domain.split('.');
  // A top level of digits makes an IPv4 address of it.
  const fits = labels.length > 1 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1)!);
  return fits && domain.length <= 253 ? domain : undefined;
}

/** The same for a domain that somebody wants to use. Throws DOMAIN_INVALID with what to change. */
export function checkDomain(text: string): string {
  const domain = domainOf(text);
  if (domain !== undefined) return domain;
  throw new TenantryError(
    'DOMAIN_INVALID',
    'A domain is a host name of two labels or more, as app.example.com: no scheme, no port, no path, no address.',
  );
}

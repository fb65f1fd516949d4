import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { domainPrefix, isDomain, isSlug } from '../directory/placement.ts';
import { TenancyError } from '../errors.ts';
import type { TenantRequest } from './request.ts';
import { absent, invalid, single, type Finding, type TenantSource } from './source.ts';

export interface HostOptions {
  /**
   * Take the host from `X-Forwarded-Host`. Only where a proxy of yours sets it on every request: anybody can send it.
   * Default false.
   */
  readonly trustForwardedHost?: boolean;
}

export interface SubdomainOptions extends HostOptions {
  /** The domains under which tenants have theirs: `app.example.com` for `acme.app.example.com`. */
  readonly of: string | readonly string[];
  /** Names under it that are no tenant's. Default `www`. */
  readonly except?: readonly string[];
}

/** The tenant's slug as the first label of the host: `acme.app.example.com`. Any other host is not its affair. */
export function subdomain({
  of,
  except = ['www'],
  trustForwardedHost = false,
}: SubdomainOptions): TenantSource {
  // The longest first: one domain may lie under another.
  const domains = [of]
    .flat()
    .map(ownDomain)
    .toSorted((a, b) => b.length - a.length);
  const reserved = new Set(except);
  return {
    name: 'subdomain',
    read(request) {
      const host = hostOf(request, trustForwardedHost);
      if (typeof host !== 'string') return host;
      const domain = domains.find((own) => host.endsWith(`.${own}`));
      if (domain === undefined) return absent;
      const label = host.slice(0, -domain.length - 1);
      if (reserved.has(label)) return absent;
      return isSlug(label) ? { kind: 'found', ref: label } : invalid('it is no name of a tenant');
    },
  };
}

export interface CustomDomainOptions extends HostOptions {
  /** The application's own domains, which no customer has: neither they nor anything under them is looked up. */
  readonly except: string | readonly string[];
}

/** The tenant whose custom domain the host is. IP addresses and names without a dot are nobody's. */
export function customDomain({ except, trustForwardedHost = false }: CustomDomainOptions): TenantSource {
  const own = [except].flat().map(ownDomain);
  return {
    name: 'custom domain',
    read(request) {
      const host = hostOf(request, trustForwardedHost);
      if (typeof host !== 'string') return host;
      if (own.some((domain) => host === domain || host.endsWith(`.${domain}`))) return absent;
      if (!host.includes('.') || isIP(host) !== 0) return absent;
      return isDomain(host) ? { kind: 'found', ref: domainPrefix + host } : invalid('it is no host name');
    },
  };
}

/** The host that a request is for: lower case, without port and the dot at the end. */
function hostOf(request: TenantRequest, trustForwarded: boolean): string | Finding {
  const forwarded = trustForwarded ? single(request, 'x-forwarded-host') : undefined;
  const host = single(request, 'host');
  const authority = single(request, ':authority');
  for (const value of [forwarded, host, authority]) if (typeof value === 'object') return value;
  if (host !== undefined && authority !== undefined && host !== authority)
    return invalid('Host and :authority differ');
  const raw = forwarded ?? host ?? authority;
  // HTTP/1.0 and nothing else has none.
  if (typeof raw !== 'string') return absent;
  return normalHost(raw) ?? invalid('it is no host name');
}

/** A host as it is compared; undefined for what is none. International names come as `xn--…`, as browsers send them. */
export function normalHost(raw: string): string | undefined {
  const address = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(raw);
  if (address !== null) return isIP(address[1]!) === 6 ? address[1]!.toLowerCase() : undefined;
  const name = raw.replace(/:\d{1,5}$/, '').replace(/\.$/, '');
  if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(name) || name.length > 253) return undefined;
  return name.toLowerCase();
}

function ownDomain(domain: string): string {
  const host = normalHost(domainToASCII(domain));
  if (host === undefined || host === '')
    throw new TenancyError('TENANCY_OPTION', `"${domain}" is no domain.`);
  return host;
}

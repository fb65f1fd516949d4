import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ConfigError } from '../errors.ts';

/** How a browser reaches the control plane. */
export interface Reach {
  /** As https://ops.example.com. */
  readonly origin: string;
  /** Path that a reverse proxy serves it under, as /tenantry; empty where there is none. */
  readonly prefix: string;
  readonly secure: boolean;
}

/** Tells how a request's browser reached the control plane, and whose word about that is believed. */
export interface Reaching {
  readonly of: (request: FastifyRequest) => Reach;
  /** Did the request's page come from here? By the address in the configuration, or the one that the request was sent to. */
  readonly isOwnOrigin: (request: FastifyRequest, origin: string) => boolean;
  /** For Fastify's `trustProxy`. */
  readonly trusts: (address: string) => boolean;
  /** For Fastify's `rewriteUrl`: a proxy may pass the prefix on, or take it away. */
  readonly withoutPrefix: (url: string) => string;
}

/** Nothing but names and slashes: it goes into the page. */
const prefixPattern = /^(?:\/[A-Za-z0-9._~-]{1,100}){1,8}$/;

export function reaching(publicUrl: string | undefined, trustedProxies: readonly string[]): Reaching {
  const configured = publicUrl === undefined ? undefined : reachOf(publicUrl);
  const trusted = blockListOf(trustedProxies);
  const trusts = (address: string) => {
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
  const asked = (request: FastifyRequest): Reach => ({
    origin: `${request.protocol}://${request.host}`,
    prefix: forwardedPrefix(request, trusts),
    secure: request.protocol === 'https',
  });
  return {
    trusts,
    of: (request) => configured ?? asked(request),
    isOwnOrigin: (request, origin) => origin === configured?.origin || origin === asked(request).origin,
    withoutPrefix: (url) => {
      const prefix = configured?.prefix ?? '';
      if (prefix === '' || !url.startsWith(prefix)) return url;
      const rest = url.slice(prefix.length);
      if (rest.startsWith('/')) return rest;
      return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
    },
  };
}

function reachOf(publicUrl: string): Reach {
  const { origin, pathname, protocol } = new URL(publicUrl);
  const prefix = pathname.replace(/\/+$/, '');
  if (prefix !== '' && !prefixPattern.test(prefix)) {
    throw new ConfigError(
      `TENANTRY_PUBLIC_URL has the path "${prefix}"; letters, digits and . _ ~ - are possible in it.`,
    );
  }
  return { origin, prefix, secure: protocol === 'https:' };
}

/** Only from a proxy that is trusted: anybody can send the header. */
function forwardedPrefix(request: FastifyRequest, trusts: (address: string) => boolean): string {
  const header = request.headers['x-forwarded-prefix'];
  const address = request.socket.remoteAddress;
  if (typeof header !== 'string' || address === undefined || !trusts(address)) return '';
  const prefix = header.replace(/\/+$/, '');
  return prefixPattern.test(prefix) ? prefix : '';
}

function blockListOf(addresses: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const text of addresses) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const size = bits === undefined ? undefined : Number(bits);
    const largest = family === 'ipv6' ? 128 : 32;
    if (
      isIP(address) === 0 ||
      (size !== undefined && !(Number.isInteger(size) && size >= 0 && size <= largest))
    ) {
      throw new ConfigError(
        `TENANTRY_TRUSTED_PROXIES must be addresses or networks as 10.0.0.7 or 10.0.0.0/8, not "${text}".`,
      );
    }
    if (size === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, size, family);
  }
  return blocks;
}

import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { csrfHeader } from '@tenantry/contract';
import type { Caller } from '../access/authenticate.ts';
import { TenantryError } from '../errors.ts';
import type { Reaching } from './reach.ts';

/**
 * Refuses what a page of another site makes a browser send. Browsers say where a request comes from; besides, who has a
 * session must show the token that only a page of this origin can read. Requests with an API key are not concerned: no
 * browser adds one by itself. Throws CSRF_REFUSED.
 */
export function expectFromConsole(request: FastifyRequest, caller: Caller, reaching: Reaching): void {
  if (caller.session === null || request.method === 'GET' || request.method === 'HEAD') return;
  expectOwnOrigin(request, reaching);
  const given = request.headers[csrfHeader];
  if (typeof given !== 'string' || !same(given, caller.session.csrfToken)) {
    throw new TenantryError(
      'CSRF_REFUSED',
      `A browser session sends the csrfToken of GET /v1/me in the header ${csrfHeader}. Load the page again.`,
    );
  }
}

/** The part that needs no session. Signing in is held to it as well, or another site could sign a browser in as somebody else. */
export function expectOwnOrigin(request: FastifyRequest, reaching: Reaching): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const foreign =
    (origin !== undefined && !reaching.isOwnOrigin(request, origin)) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  if (foreign) {
    throw new TenantryError(
      'CSRF_REFUSED',
      'The request comes from a page of another address. Open the console at its own address; behind a reverse proxy, set TENANTRY_PUBLIC_URL.',
    );
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

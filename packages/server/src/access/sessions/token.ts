import { createHash, createHmac, randomBytes } from 'node:crypto';
import { randomBase32 } from '@tenantry/tenancy';
import { hashToken } from '../token.ts';

/** What a new browser session is known by: the cookie's value, and what is stored of it. */
export function newSessionToken(): { readonly id: string; readonly token: string; readonly hash: Buffer } {
  const id = `s_${randomBase32(16)}`;
  const token = `${id}.${randomBytes(32).toString('base64url')}`;
  return { id, token, hash: hashToken(token) };
}

/** The session's id in a cookie's value, or undefined when that has not the form of one. */
export function sessionIdOf(token: string): string | undefined {
  return /^(s_[a-z2-7]{16})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1];
}

/**
 * What a page of the session proves with that it is one. Made of the cookie's value, which no other site can read and no
 * script at all; so nothing has to be stored, and who knows one of the two cannot make the other.
 */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('tenantry csrf').digest('base64url');
}

/** A new one-time code: 256 random bits, of which the hash is stored. */
export function newSignInCode(): { readonly code: string; readonly hash: Buffer } {
  const code = randomBytes(32).toString('base64url');
  return { code, hash: hashCode(code) };
}

export function hashCode(code: string): Buffer {
  return createHash('sha256').update(`code ${code}`).digest();
}

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { randomBase32 } from '@tenantry/tenancy';

/** A new token: `tnt_<key id>_<256 random bits>`. The id finds the row; the rest is compared by its hash. */
export function newToken(): { readonly id: string; readonly token: string; readonly hash: Buffer } {
  const id = randomBase32(12);
  const token = `tnt_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, token, hash: hashToken(token) };
}

/** SHA-256 is enough: the token is random, so there is nothing to guess that a slow hash would slow down. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The key id in a token, or undefined when it has not the form of one. */
export function keyIdOf(token: string): string | undefined {
  return /^tnt_([a-z2-7]{12})_[A-Za-z0-9_-]{43}$/.exec(token)?.[1];
}

export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

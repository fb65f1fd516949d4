import { createHmac } from 'node:crypto';

/**
 * The password of a role, derived and stored nowhere: HMAC-SHA256(key, role, version) as base64url.
 *
 * Rotation is the next version number. Whoever has the key can log in as every tenant of the cell, so the key belongs
 * where the database's own master password would be.
 *
 * ```ts
 * deriveCredential(key, 't_abcdefghijkl', 1); // 43 characters
 * ```
 * Throws a RangeError when the key has not 32 bytes.
 */
export function deriveCredential(key: Uint8Array, role: string, version: number): string {
  if (key.byteLength !== 32) throw new RangeError('The credential key must have exactly 32 bytes.');
  // The NUL keeps ("t_a", 12) and ("t_a1", 2) apart; a role name cannot contain one.
  return createHmac('sha256', key).update(`tenantry.credential\0${role}\0${version}`).digest('base64url');
}

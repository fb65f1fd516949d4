import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

export interface ScramOptions {
  /** 16 random bytes if absent. */
  readonly salt?: Uint8Array;
  /** PBKDF2 rounds; 4096 is PostgreSQL's default and the least that RFC 7677 allows. */
  readonly iterations?: number;
}

/**
 * The SCRAM-SHA-256 verifier of a password, in the form that PostgreSQL stores (RFC 5802, RFC 7677).
 *
 * Sent instead of the password in `CREATE ROLE … PASSWORD '…'`, so that the password appears in no statement, no server
 * log and no pg_stat_statements. The password must be printable ASCII: SASLprep is then the identity.
 *
 * ```ts
 * await scramVerifier('secret'); // 'SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>'
 * ```
 */
export async function scramVerifier(password: string, options: ScramOptions = {}): Promise<string> {
  const salt = options.salt ?? randomBytes(16);
  const iterations = options.iterations ?? 4096;
  const salted = await derive(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`;
}

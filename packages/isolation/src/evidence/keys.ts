import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { IsolationError } from '../isolation-error.ts';
import { sha256 } from './canonical.ts';

/** A key that signs, with its public half. */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: KeyObject;
  sign(text: string): string;
}

/** A key that checks. */
export interface VerifyingKey {
  readonly id: string;
  /** True where `signature`, in base64, is of `text`. */
  verifies(text: string, signature: string): boolean;
}

/** A new private key, as PKCS #8 in PEM. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * The key of a PEM of {@link newSigningKey}, or of `openssl genpkey -algorithm ed25519`. Throws ISOLATION_OPTION, without a word of what was in it.
 *
 * @example
 * const key = signingKey(pem);
 * key.id // 'SHA256:3f…', the same that `openssl pkey -pubin -outform der | sha256sum` gives
 */
export function signingKey(pem: string): SigningKey {
  const key = read(() => createPrivateKey(pem), 'a private key');
  const publicKey = createPublicKey(key);
  return {
    id: keyIdOf(publicKey),
    publicKey,
    sign: (text) => signBytes(null, Buffer.from(text), key).toString('base64'),
  };
}

/** The key of a PEM of {@link publicPem}. Throws ISOLATION_OPTION. */
export function verifyingKey(pem: string): VerifyingKey {
  // Node makes a public key of a private one, which nobody should have at hand to check a signature.
  if (pem.includes('PRIVATE KEY'))
    throw new IsolationError(
      'ISOLATION_OPTION',
      'This is a private key; a signature is checked with the public one.',
    );
  const key = read(() => createPublicKey(pem), 'a public key');
  return {
    id: keyIdOf(key),
    verifies: (text, signature) => {
      const bytes = Buffer.from(signature, 'base64');
      // One signature has one text: base64 that decodes to the same bytes is a changed file.
      return bytes.toString('base64') === signature && verifyBytes(null, Buffer.from(text), key, bytes);
    },
  };
}

/** The public half as PEM, to hand out. */
export function publicPem({ publicKey }: SigningKey): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** What a key is called: the SHA-256 of its public half (SPKI, DER). */
export function keyIdOf(key: KeyObject): string {
  return `SHA256:${sha256(key.export({ type: 'spki', format: 'der' }))}`;
}

function read(parse: () => KeyObject, what: string): KeyObject {
  const refuse = (cause?: unknown): never => {
    throw new IsolationError('ISOLATION_OPTION', `This is not ${what} for Ed25519 in PEM.`, { cause });
  };
  let key: KeyObject;
  try {
    key = parse();
  } catch {
    return refuse();
  }
  return key.asymmetricKeyType === 'ed25519' ? key : refuse();
}

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';

/**
 * The contents of a secret file, made with `create` when it does not exist. Two processes that start at once agree on
 * one content: the file is written under another name and linked, and a link to a name that exists fails.
 */
export async function secretFile(path: string, create: () => string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, `${create()}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(temporary);
  }
  return (await readFile(path, 'utf8')).trim();
}

/**
 * The 32-byte key that tenant logins are derived from: given, or kept in a file of the home that is made at the first
 * start. Losing it locks every tenant out until a rotation; leaking it opens every tenant.
 */
export async function credentialKey(home: string, given: string | undefined): Promise<Buffer> {
  const encoded = given ?? (await keyFile(home));
  const key = Buffer.from(encoded, 'base64');
  if (key.byteLength !== 32) {
    throw new ConfigError(
      'TENANTRY_CREDENTIAL_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them.',
    );
  }
  return key;
}

function keyFile(home: string): Promise<string> {
  return homeSecret(home, 'credential-key', () => randomBytes(32).toString('base64'));
}

/** A secret in the home's directory of secrets, which its owner alone may read; made with `create` at the first start. */
export async function homeSecret(home: string, name: string, create: () => string): Promise<string> {
  const directory = join(home, 'secrets');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  return secretFile(join(directory, name), create);
}

/** Encrypts a cell's connection string for the control schema: AES-256-GCM under a key derived from the credential key. */
export function seal(key: Uint8Array, context: string, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', vaultKey(key), nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse of `seal`; `context` must be the same. */
export function unseal(key: Uint8Array, context: string, sealed: Buffer): string {
  try {
    // Without the length, a text that was cut short would be held to a shorter tag.
    const decipher = createDecipheriv('aes-256-gcm', vaultKey(key), sealed.subarray(0, 12), {
      authTagLength: 16,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(sealed.subarray(-16));
    return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
  } catch (error) {
    throw new ConfigError(
      'A stored connection string cannot be opened with this credential key. Start with the key it was stored under.',
      { cause: error },
    );
  }
}

function vaultKey(key: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'tenantry.cell-url', 32));
}

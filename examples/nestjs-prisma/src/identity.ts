import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TenantId } from '@tenantry/tenancy';
import { jwtClaim } from '@tenantry/tenancy/jwt';
import type { TenantSource } from '@tenantry/tenancy/resolve';
import { SignJWT } from 'jose';

// Who issues tokens and whom they are for. With an identity provider, `jwks` is the address of its keys and `algorithms`
// what it signs with; the secret and `signToken` go.
const issuer = '@tenantry/example-nestjs-prisma';
const audience = '@tenantry/example-nestjs-prisma';
const algorithm = 'HS256';

/** A request without a token is refused: nothing else proves who the caller is. */
export function tokenSource(secret: Uint8Array): TenantSource {
  const token = jwtClaim({ jwks: () => secret, issuer, audience, algorithms: [algorithm] });
  return {
    name: token.name,
    async read(request) {
      const finding = await token.read(request);
      return finding.kind === 'absent' ? { kind: 'invalid', reason: 'there is none', status: 401 } : finding;
    },
  };
}

/** A token for the work of one tenant. */
export async function signToken(secret: Uint8Array, tenant: TenantId, expiresIn = '8h'): Promise<string> {
  return new SignJWT({ tenant })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(secret);
}

/** What tokens are signed with: APP_SECRET, or outside production one of this installation's own. */
export async function readSecret(env: NodeJS.ProcessEnv = process.env): Promise<Uint8Array> {
  const given = env['APP_SECRET'];
  if (!given && env['NODE_ENV'] === 'production') throw new Error(`APP_SECRET is not set. ${howTo}`);
  if (given && given.length < 32) throw new Error(`APP_SECRET is shorter than 32 characters. ${howTo}`);
  return new TextEncoder().encode(given || (await developmentSecret()));
}

const howTo = 'Make one: openssl rand -base64 32';

/** Random, and kept in a file that git ignores. Of two processes that start at once both use the first one's. */
async function developmentSecret(): Promise<string> {
  const file = fileURLToPath(new URL('../.app-secret', import.meta.url));
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined) return found;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(file, 'utf8');
}

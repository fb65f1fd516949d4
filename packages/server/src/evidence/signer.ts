import { newSigningKey, publicPem, signingKey, type SigningKey } from '@tenantry/isolation/evidence';
import { sql } from 'kysely';
import { record } from '../audit/record.ts';
import type { Context } from '../db/context.ts';
import { homeSecret } from '../db/secrets.ts';
import { ConfigError } from '../errors.ts';

/**
 * The key that this control plane signs reports with: the one that is configured, or one that is kept in the home and made at the first
 * start. Throws ConfigError.
 */
export async function evidenceSigner(home: string, given: string | undefined): Promise<SigningKey> {
  const pem = given ?? (await homeSecret(home, 'evidence-key', newSigningKey));
  try {
    return signingKey(pem);
  } catch (error) {
    throw new ConfigError(
      'TENANTRY_EVIDENCE_KEY must be a private key for Ed25519 in PEM, as "openssl genpkey -algorithm ed25519" prints it.',
      { cause: error },
    );
  }
}

/** Publishes the public half of a key that signs from now on; one that is known stays as it is. */
export async function publishKey(ctx: Context, key: SigningKey): Promise<void> {
  await ctx.control.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ added: boolean }>`
      SELECT tenantry_audit.add_evidence_key(${key.id}, ${publicPem(key)}) AS added`.execute(tx);
    if (!rows[0]!.added) return;
    await record(tx, ctx, {
      action: 'evidence.add-key',
      target: { kind: 'evidence-key', id: key.id },
      after: { publicKey: publicPem(key) },
    });
  });
}

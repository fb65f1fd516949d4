import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { ConfigError } from '../errors.ts';
import type { Database } from './database.ts';

/**
 * Refuses to start with another credential key than the one that the tenants' logins were made with: every tenant made
 * from then on would be fine, and every other one locked out. The first start notes what to compare with, which says
 * nothing about the key itself. Throws ConfigError.
 */
export async function expectSameKey(db: Database, key: Uint8Array): Promise<void> {
  const check = createHmac('sha256', key).update('tenantry.key-check').digest('base64url');
  await sql`
    INSERT INTO tenantry.installation (credential_key_check) VALUES (${check}) ON CONFLICT DO NOTHING`.execute(
    db,
  );
  const { rows } = await sql<{ same: boolean }>`
    SELECT credential_key_check = ${check} AS same FROM tenantry.installation`.execute(db);
  if (rows[0]?.same === true) return;
  throw new ConfigError(
    'The credential key is not the one that this database was set up with, so no tenant could log in. Start with that key: ' +
      'put it back into secrets/credential-key of TENANTRY_HOME, or into TENANTRY_CREDENTIAL_KEY.',
  );
}

import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Tenant } from '@tenantry/contract';
import { sealedConnection, tenantId } from '@tenantry/tenancy';
import { readConfig } from '../config.ts';
import { readCellAddress } from '../db/embedded/index.ts';
import { parseCellUrl } from '../db/cells/address.ts';
import { credentialKey } from '../db/secrets.ts';

/**
 * Runs a file of SQL as a tenant's own login, with the derived secret, as an application would: only on the machine that
 * has the credential key. Used to fill the tenants of the demonstration.
 */
export async function seedTenant(
  env: Readonly<Record<string, string | undefined>>,
  tenant: Tenant,
  file: string,
): Promise<void> {
  const config = readConfig(env);
  const cell = config.databaseUrl
    ? parseCellUrl(config.databaseUrl).address
    : await readCellAddress(config.home);
  const client = new pg.Client(
    sealedConnection({
      cell,
      tenant: tenantId(tenant.schema),
      credentialKey: await credentialKey(config.home, config.credentialKey),
      credentialVersion: tenant.credentialVersion,
      applicationName: 'tenantry demo',
    }),
  );
  await client.connect();
  try {
    await client.query(await readFile(file, 'utf8'));
  } finally {
    await client.end();
  }
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { deriveCredential } from '../../credential.ts';
import { startTestPostgres } from '../../embedded/testing.ts';
import { scramVerifier } from '../../scram.ts';
import { leasesSql, type Cell } from './cell.ts';
import { connected } from './connect.ts';
import { databaseSql, extensionsSql, groupsSql } from './layout.ts';

const { escapeLiteral } = pg;
const database = 'tenantry';
const controlRole = 'tenantry_control';
const slots = 8;

/** A cell on a PostgreSQL of its own, which ends with it. Rejects with EmbeddedError. */
export async function embeddedCell(extensions: readonly string[]): Promise<Cell> {
  const credentialKey = randomBytes(32);
  const password = deriveCredential(credentialKey, controlRole, 1);
  // The hashes are counted on other threads while the server starts.
  const [postgres, verifier, leases] = await Promise.all([
    startTestPostgres(),
    scramVerifier(password),
    leasesSql(credentialKey, slots),
  ]);
  const urlOf = (name: string): string => postgres.superuserUrl.replace(/\/postgres$/, `/${name}`);
  const address = { host: '127.0.0.1', port: postgres.port, database };
  const control = new pg.Pool({ ...address, user: controlRole, password, max: 4 });
  control.on('error', () => {});
  try {
    // Renamed instead of made, which takes 40 ms on a quiet machine and ten times as long on a busy one.
    await connected({ connectionString: urlOf('template1') }, (client) =>
      client.query(`
        CREATE ROLE ${controlRole} LOGIN CREATEROLE PASSWORD ${escapeLiteral(verifier)};
        ALTER DATABASE postgres RENAME TO ${database};
        ALTER DATABASE ${database} OWNER TO ${controlRole};
        REVOKE ALL ON DATABASE template1 FROM PUBLIC`),
    );
    await control.query(
      `BEGIN; ${groupsSql} ${databaseSql(database)} ${leases} ${extensionsSql(extensions)} COMMIT`,
    );
  } catch (error) {
    await control.end();
    await postgres.stop();
    throw error;
  }
  const superuserUrl = urlOf(database);
  return {
    address,
    ssl: undefined,
    slots,
    credentialKey,
    superuserUrl,
    control,
    remove: () => postgres.stop(),
  };
}

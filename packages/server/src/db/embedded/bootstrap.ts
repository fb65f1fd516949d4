import pg from 'pg';
import { scramVerifier } from '@tenantry/tenancy';

const { escapeIdentifier, escapeLiteral } = pg;

/** The login of the control plane: it creates roles and owns its database, and is no superuser. */
export const CONTROL_ROLE = 'tenantry_control';
/** Owns the audit trail. The superuser creates it, so that the control role holds no ADMIN on it and cannot lend it to itself. */
export const AUDIT_ROLE = 'tenantry_audit';
/** The database of control plane and tenants. */
export const DATABASE = 'tenantry';

/** What {@link bootstrap} needs. `url` gives a superuser's connection string to a database of the cluster. */
export interface BootstrapOptions {
  readonly url: (database: string) => string;
  readonly controlPassword: string;
}

/**
 * Makes roles and database of an embedded cluster, and takes from PUBLIC what PostgreSQL gives it. Run at every start: what is
 * there is brought into shape, whatever a crash left half done.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  await asSuperuser(options.url('postgres'), async (client) => {
    await makeRoles(client, options.controlPassword);
    if (await isAbsent(client, 'SELECT FROM pg_database WHERE datname = $1', DATABASE)) {
      await client.query(
        `CREATE DATABASE ${escapeIdentifier(DATABASE)} OWNER ${escapeIdentifier(CONTROL_ROLE)}`,
      );
    }
    for (const database of ['postgres', 'template1', DATABASE]) {
      await client.query(`REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM PUBLIC`);
    }
  });
  for (const database of ['postgres', DATABASE]) {
    await asSuperuser(options.url(database), (client) =>
      client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC'),
    );
  }
}

async function makeRoles(client: pg.Client, controlPassword: string): Promise<void> {
  for (const role of [CONTROL_ROLE, AUDIT_ROLE]) {
    if (!(await isAbsent(client, 'SELECT FROM pg_roles WHERE rolname = $1', role))) continue;
    await client.query(`CREATE ROLE ${escapeIdentifier(role)}`);
  }
  const plain = 'NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS';
  const verifier = await scramVerifier(controlPassword);
  await client.query(
    `ALTER ROLE ${escapeIdentifier(CONTROL_ROLE)} LOGIN CREATEROLE ${plain} PASSWORD ${escapeLiteral(verifier)}`,
  );
  await client.query(
    `ALTER ROLE ${escapeIdentifier(AUDIT_ROLE)} NOLOGIN NOCREATEROLE ${plain} PASSWORD NULL`,
  );
  await takeAuditBack(client);
}

/**
 * Runs `fn` while the control role may `SET ROLE tenantry_audit`: for the installer, which creates the audit trail under its owner.
 * The grant is taken back whatever `fn` does; a crash in between is repaired by the next {@link bootstrap}.
 */
export async function lendAuditRole<T>(superuserUrl: string, fn: () => Promise<T>): Promise<T> {
  return asSuperuser(superuserUrl, async (client) => {
    await client.query(
      `GRANT ${escapeIdentifier(AUDIT_ROLE)} TO ${escapeIdentifier(CONTROL_ROLE)} WITH SET TRUE, INHERIT FALSE, ADMIN FALSE`,
    );
    try {
      return await fn();
    } finally {
      await takeAuditBack(client);
    }
  });
}

async function takeAuditBack(client: pg.Client): Promise<void> {
  await client.query(`REVOKE ${escapeIdentifier(AUDIT_ROLE)} FROM ${escapeIdentifier(CONTROL_ROLE)}`);
}

async function asSuperuser<T>(url: string, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'tenantry bootstrap' });
  // A server that dies while we are connected ends a query, which rejects; without a listener it would end the program too.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

async function isAbsent(client: pg.Client, sql: string, name: string): Promise<boolean> {
  return (await client.query(sql, [name])).rowCount === 0;
}

import pg from 'pg';
import { tenantryLayout } from '../layout/tenantry.ts';
import type { Layout } from '../layout/types.ts';

/** A throw-away database that is laid out as a cell, on a PostgreSQL of its own. */
export interface FaultCopy {
  readonly layout: Layout;
  /** Its superuser. */
  readonly superuser: pg.ClientConfig;
  /** A new connection as its superuser. */
  readonly connect: () => Promise<pg.Client>;
  /** Ends the server and removes its files. */
  readonly stop: () => Promise<void>;
}

export interface FaultCopyOptions {
  /** Makes a tenant's tables, as its owner with the schema first in the search path: by default a table of notes. */
  readonly schema?: (client: pg.ClientBase, schema: string) => Promise<unknown>;
  /** Default 2. */
  readonly tenants?: number;
  /** Extensions that the cell allows. Default none. */
  readonly extensions?: readonly string[];
}

/**
 * Starts a private PostgreSQL and lays it out as the control plane lays out a cell: groups, registrar, broker, slots, lease functions,
 * canary, reference tables, control schema, audit trail, and a few tenants. Takes a second or two; it ends with this process.
 * Rejects with EmbeddedError.
 *
 * @example
 * const copy = await startFaultCopy();
 * const { results } = await injectFaults({ ...copy, faults });
 * await copy.stop();
 */
export async function startFaultCopy(options: FaultCopyOptions = {}): Promise<FaultCopy> {
  const { schema = notes, tenants = 2, extensions = [] } = options;
  // Loaded when needed: whoever verifies a cell starts no server.
  const { startTestTenants } = await import('@tenantry/tenancy/testing');
  const kit = await startTestTenants({ schema, spares: 0, extensions });
  const superuser = { connectionString: kit.superuserUrl!, application_name: 'tenantry isolation' };
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client(superuser);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  try {
    for (let made = 0; made < tenants; made += 1) await kit.create();
    const client = await connect();
    try {
      await client.query(sharedSql);
    } finally {
      await client.end();
    }
  } catch (error) {
    await kit.stop();
    throw error;
  }
  return {
    layout: tenantryLayout({ database: 'tenantry', extensions }),
    superuser,
    connect,
    stop: () => kit.stop(),
  };
}

function notes(client: pg.ClientBase): Promise<unknown> {
  return client.query('CREATE TABLE notes (id int PRIMARY KEY, body text)');
}

/**
 * What the control plane has in a cell besides the tenants, with the owners and the privileges that it gives: faults are about those,
 * and not about what its tables hold.
 */
const sharedSql = `
  SET ROLE tenantry_control;
  CREATE SCHEMA tenantry_canary;
  CREATE TABLE tenantry_canary.canary (secret text NOT NULL);
  CREATE SCHEMA tenantry;
  CREATE TABLE tenantry.schema_versions (version int PRIMARY KEY, breaking bool NOT NULL);
  SET createrole_self_grant = 'set';
  CREATE ROLE tenantry_reference NOLOGIN;
  RESET createrole_self_grant;
  CREATE SCHEMA reference AUTHORIZATION tenantry_reference;
  GRANT USAGE ON SCHEMA extensions TO tenantry_reference;
  SET ROLE tenantry_reference;
  GRANT USAGE ON SCHEMA reference TO tenantry_tenants;
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO tenantry_tenants;
  ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
  CREATE TABLE reference.countries (code text PRIMARY KEY);
  RESET ROLE;
  CREATE ROLE tenantry_audit NOLOGIN;
  CREATE SCHEMA tenantry_audit AUTHORIZATION tenantry_audit;
  SET ROLE tenantry_audit;
  CREATE TABLE tenantry_audit.events (seq bigint PRIMARY KEY, at timestamptz NOT NULL);
  GRANT USAGE ON SCHEMA tenantry_audit TO tenantry_control;
  GRANT SELECT ON tenantry_audit.events TO tenantry_control;
  RESET ROLE;`;

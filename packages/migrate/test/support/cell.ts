import pg from 'pg';

import { startTestPostgres } from '@tenantry/tenancy/embedded';

/** A database whose roles are set up as a managed PostgreSQL allows: no superuser takes part in migrations. */
export interface Cell {
  /** A connection of the control role: CREATEROLE, owner of the database. */
  readonly client: pg.Client;
  readonly url: string;
  /** A new empty schema with an owner, a user of its own and the owner's default privileges. */
  newSchema(name?: string): Promise<Tenant>;
  superuser<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface Tenant {
  readonly schema: string;
  readonly owner: string;
}

export const EXTENSIONS = ['pgcrypto', 'uuid-ossp'] as const;

const SETUP = `
CREATE ROLE control LOGIN CREATEROLE PASSWORD 'control';
CREATE ROLE tenants NOLOGIN;
CREATE ROLE owners NOLOGIN;
GRANT tenants, owners TO control WITH ADMIN OPTION;
CREATE DATABASE cell OWNER control;
`;

const SETUP_DATABASE = `
REVOKE ALL ON DATABASE cell FROM PUBLIC;
GRANT CONNECT ON DATABASE cell TO tenants;
GRANT TEMPORARY ON DATABASE cell TO owners;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA extensions AUTHORIZATION control;
GRANT USAGE ON SCHEMA extensions TO tenants, owners;
${EXTENSIONS.map((name) => `CREATE EXTENSION "${name}" SCHEMA extensions;`).join('\n')}
`;

let count = 0;

/** Starts a private PostgreSQL for one test file. */
export async function startCell(): Promise<Cell> {
  const server = await startTestPostgres();
  const superuserUrl = new URL(server.superuserUrl);
  await connected(superuserUrl.href, async (client) => {
    for (const sql of SETUP.split(';')) if (sql.trim() !== '') await client.query(sql);
  });
  superuserUrl.pathname = '/cell';
  await connected(superuserUrl.href, (client) => client.query(SETUP_DATABASE));
  const url = new URL(superuserUrl.href);
  url.username = 'control';
  url.password = 'control';
  const client = new pg.Client(url.href);
  await client.connect();
  return {
    client,
    url: url.href,
    newSchema: (name) => newSchema(client, name),
    superuser: (work) => connected(superuserUrl.href, work),
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function newSchema(client: pg.Client, name?: string): Promise<Tenant> {
  const schema = name ?? `t_${String(count++).padStart(12, 'a')}`;
  const owner = `${schema}_owner`;
  const [s, o] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(owner)];
  await client.query(`
    SET createrole_self_grant = 'set';
    CREATE ROLE ${o} NOLOGIN IN ROLE owners;
    CREATE ROLE ${s} LOGIN IN ROLE tenants;
    CREATE SCHEMA ${s} AUTHORIZATION ${o};
    SET ROLE ${o};
    GRANT USAGE ON SCHEMA ${s} TO ${s};
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${s};
    ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO ${s};
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${s};
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO ${s};
    RESET ROLE;`);
  return { schema, owner };
}

/** Runs `work` in a transaction as the schema's owner; rolls back when it throws. */
export async function asOwner<T>(
  client: pg.Client,
  { schema, owner }: Tenant,
  work: () => Promise<T>,
): Promise<T> {
  const [s, o] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(owner)];
  await client.query(`BEGIN; SET LOCAL ROLE ${o}; SET LOCAL search_path = ${s}, extensions, pg_temp`);
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    await client.query('DISCARD ALL');
  }
}

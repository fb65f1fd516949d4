import { newTenantId, ownerOf, scramVerifier, tenantLeaseSql, type TenantId } from '@tenantry/tenancy';
import pg from 'pg';
import type { FaultCopy } from '../../src/faults/index.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** A backend grows with every table that it has made; a fresh one now and then keeps the machine's memory. */
const perConnection = 200;

/**
 * Builds tenants as the control plane does, with `tables` tables, some of them with an index, a foreign key or an identity, on a few connections:
 * the fastest way to a large cell. Gives their ids.
 */
export async function fillCell(copy: FaultCopy, count: number, tables = 20): Promise<readonly TenantId[]> {
  const verifier = await scramVerifier('nobody logs in with this one');
  const ddl = ddlOf(tables);
  const made: TenantId[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const client = await copy.connect();
      await client.query('SET SESSION AUTHORIZATION tenantry_control');
      for (let n = 0; n < perConnection && left > 0; n++) {
        left -= 1;
        const tenant = newTenantId();
        await client.query(tenantSql(tenant, verifier, ddl));
        made.push(tenant);
      }
      await client.end();
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  const client = await copy.connect();
  // What autovacuum would have done by now, of the catalogs alone.
  const { rows } = await client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'`,
  );
  for (const { name } of rows) await client.query(`VACUUM ANALYZE ${name}`);
  await client.end();
  return made;
}

function ddlOf(tables: number): string {
  const one = (n: number): string => `
    CREATE TABLE things_${n} (id bigint ${n % 4 === 1 ? 'GENERATED ALWAYS AS IDENTITY' : ''} PRIMARY KEY, name text NOT NULL DEFAULT '', at timestamptz DEFAULT now()
      ${n % 4 === 3 ? `, other bigint REFERENCES things_${n - 1} (id)` : ''});
    ${n % 4 === 2 ? `CREATE INDEX ON things_${n} (name);` : ''}`;
  return `
    CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, script text);
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE FUNCTION shout(value text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper(value);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';
    ${Array.from({ length: tables - 1 }, (_, n) => one(n + 1)).join('')}
    CREATE VIEW names AS SELECT id, name FROM things_1;
    CREATE TRIGGER stamp BEFORE UPDATE ON things_1 FOR EACH ROW EXECUTE FUNCTION stamp();`;
}

function tenantSql(tenant: TenantId, verifier: string, ddl: string): string {
  const role = escapeIdentifier(tenant);
  const owner = escapeIdentifier(ownerOf(tenant));
  return `
    BEGIN;
    SET LOCAL createrole_self_grant = 'set';
    CREATE ROLE ${owner} NOLOGIN NOINHERIT;
    CREATE ROLE ${role} LOGIN PASSWORD ${escapeLiteral(verifier)} CONNECTION LIMIT 50 ADMIN ${owner};
    CREATE SCHEMA ${role} AUTHORIZATION ${owner};
    SET LOCAL ROLE tenantry_registrar;
    GRANT tenantry_tenants TO ${role} WITH INHERIT TRUE, SET FALSE;
    GRANT tenantry_owners TO ${owner} WITH INHERIT TRUE, SET FALSE;
    SET LOCAL ROLE ${owner};
    GRANT USAGE ON SCHEMA ${role} TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role};
    ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${role};
    ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO ${role};
    SET LOCAL search_path = ${role}, extensions, pg_temp;
    ${ddl}
    REVOKE INSERT, UPDATE, DELETE ON flyway_schema_history FROM ${role};
    RESET ROLE; ${tenantLeaseSql(tenant)}
    COMMIT`;
}

import pg from 'pg';
import { newTenantId, ownerOf, scramVerifier } from '@tenantry/tenancy';

const { escapeIdentifier, escapeLiteral } = pg;

/**
 * What no product can be faster than: the roles, the schema, its privileges and the finished DDL in one transaction on a
 * connection that is open. No history, no check, no probe, no audit.
 */
export class Floor {
  readonly #client: pg.ClientBase;
  readonly #verifier: string;

  private constructor(client: pg.ClientBase, verifier: string) {
    this.#client = client;
    this.#verifier = verifier;
  }

  /** Connects as the control role. */
  static async connect(url: string): Promise<Floor> {
    const client = new pg.Client({ connectionString: url, application_name: 'bench floor' });
    await client.connect();
    return new Floor(client, await scramVerifier('nobody logs in with this one'));
  }

  /**
   * On a connection that the product uses as well: two backends that make thousands of objects in turn would each throw
   * away the other's caches, and the one that looks at more catalogs would pay more for the benchmark itself.
   */
  static async on(client: pg.ClientBase): Promise<Floor> {
    return new Floor(client, await scramVerifier('nobody logs in with this one'));
  }

  /** Builds one tenant in one message, from its squashed DDL. */
  async build(ddl: string): Promise<void> {
    await this.#client.query(`${this.#opening()}${ddl}\n;COMMIT`);
  }

  /** Builds one tenant file by file, as a loop over a directory does. */
  async buildFrom(files: readonly string[]): Promise<void> {
    await this.#client.query(this.#opening());
    for (const sql of files) await this.#client.query(sql);
    await this.#client.query('COMMIT');
  }

  /** Ends a connection of its own. */
  async end(): Promise<void> {
    if (this.#client instanceof pg.Client) await this.#client.end();
  }

  #opening(): string {
    const tenant = newTenantId();
    const role = escapeIdentifier(tenant);
    const owner = escapeIdentifier(ownerOf(tenant));
    return `
      BEGIN;
      SET LOCAL createrole_self_grant = 'set';
      CREATE ROLE ${owner} NOLOGIN;
      CREATE ROLE ${role} LOGIN PASSWORD ${escapeLiteral(this.#verifier)} CONNECTION LIMIT 50;
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
      `;
  }
}

/** Builds `count` tenants on a few connections: the fastest way to fill a cell. */
export async function fill(url: string, ddl: string, count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    // A backend grows with every table that it has made; a fresh one now and then keeps the machine's memory.
    while (left > 0) {
      const floor = await Floor.connect(url);
      for (let n = 0; n < 200 && left > 0; n++) {
        left -= 1;
        await floor.build(ddl);
      }
      await floor.end();
    }
  };
  await Promise.all([worker(), worker(), worker()]);
}

import pg from 'pg';
import { deriveCredential } from '../support/tenancy.ts';
import type { TestCell } from '../support/cell.ts';

const { escapeIdentifier: id, escapeLiteral: literal } = pg;

/**
 * Tenants as most libraries have them, for tests that show what goes wrong there: one login that may use every schema, and a
 * search path that says whose turn it is. Everything here is a mistake on purpose.
 */
export class Naive {
  readonly pool: pg.Pool;
  /** The variable of a module, set by whoever came last. */
  current: string | undefined;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** The search path set on one connection of the pool, the query on whichever comes next. */
  async queryOnTwo(tenant: string, text: string): Promise<pg.QueryResult> {
    await this.pool.query(`SET search_path TO "${tenant}", public`);
    return this.pool.query(text);
  }

  /** On one connection at least, with the name put into the statement as it came. */
  async query(tenant: string, text: string): Promise<pg.QueryResult> {
    const client = await this.pool.connect();
    try {
      await client.query(`SET search_path TO ${tenant}`);
      return await client.query(text);
    } finally {
      client.release(true);
    }
  }

  /** As whoever the variable names; where it names nobody, `public` answers. */
  queryAsCurrent(text: string): Promise<pg.QueryResult> {
    return this.query(this.#currentPath(), text);
  }

  /** The same for a library that takes its connections itself. */
  async connect(): Promise<pg.PoolClient> {
    const client = await this.pool.connect();
    await client.query(`SET search_path TO ${this.#currentPath()}`);
    return client;
  }

  #currentPath(): string {
    return this.current === undefined ? 'public' : `${id(this.current)}, public`;
  }
}

/** Gives the login `app` every schema of the cell, and puts rows into `public` for those who end up there. */
export async function startNaive(cell: TestCell): Promise<Naive> {
  const password = deriveCredential(cell.credentialKey, 'app', 1);
  const grants = cell.tenants.map(
    ({ id: tenant }) => `
      GRANT USAGE ON SCHEMA ${tenant} TO app;
      GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${tenant} TO app;`,
  );
  await cell.superuser.query(`
    CREATE ROLE app LOGIN PASSWORD ${literal(password)};
    GRANT CONNECT ON DATABASE tenantry TO app;
    GRANT USAGE, CREATE ON SCHEMA public TO app;
    CREATE TABLE public.notes (id int, body text);
    INSERT INTO public.notes VALUES (1, 'of public');
    GRANT SELECT ON public.notes TO app;
    ${grants.join('\n')}`);
  const at = { host: '127.0.0.1', port: cell.postgres.port, database: 'tenantry' };
  const pool = new pg.Pool({ ...at, user: 'app', password, max: 4 });
  pool.on('error', () => {});
  return new Naive(pool);
}

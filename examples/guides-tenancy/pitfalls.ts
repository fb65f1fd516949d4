import type { Tenancy, TenantId, Transaction } from '@tenantry/tenancy';
import type { Submittable } from 'pg';

const list = 'SELECT name FROM accounts ORDER BY id';

/** Each with what is wrong with it: tests run them and look for the error that the page names. */
export const pitfalls = {
  async slug(tenancy: Tenancy) {
    // #region slug
    await tenancy.for('acme' as TenantId).query(list); // TENANT_NOT_FOUND: a slug is no id
    await tenancy.for(await tenancy.resolve('acme')).query(list); // this is
    // #endregion
  },

  async stacked(tenancy: Tenancy, name: string) {
    // #region stacked
    await tenancy.query(`UPDATE accounts SET name = 'x'; SELECT '${name}'`); // 42601, nothing was run
    // #endregion
  },

  async inside(tenancy: Tenancy) {
    // #region inside
    await tenancy.transaction(async (tx) => {
      await tx.query("INSERT INTO accounts (name) VALUES ('Initech')");
      await tenancy.query(list); // another connection: does not see Initech, and is not rolled back
    });
    // #endregion
  },

  async commit(tenancy: Tenancy) {
    // #region commit
    await tenancy.transaction((tx) => tx.query('COMMIT')); // TENANCY_OPTION
    // #endregion
  },

  async swallowed(tenancy: Tenancy) {
    // #region swallowed
    await tenancy.transaction(async (tx) => {
      await tx.query("INSERT INTO accounts (name) VALUES ('')").catch(() => {}); // refused by a CHECK
      return 'saved';
    }); // TENANCY_OPTION: PostgreSQL has rolled back, so this must not look like a success
    // #endregion
  },

  async late(tenancy: Tenancy) {
    // #region late
    let kept: Transaction | undefined;
    await tenancy.transaction(async (tx) => {
      kept = tx; // or a statement that nobody awaits, as in forEach(async …)
    });
    await kept?.query(list); // TENANCY_CLOSED
    // #endregion
  },

  async released(tenancy: Tenancy) {
    // #region released
    const client = await tenancy.pool.connect();
    client.release();
    await client.query(list); // TENANCY_CLOSED: the connection may be another tenant's by now
    // #endregion
  },

  async cursor(tenancy: Tenancy, cursor: Submittable) {
    // #region cursor
    return tenancy.pool.query(cursor); // TENANCY_OPTION: take a client with withClient(…)
    // #endregion
  },

  async ddl(tenancy: Tenancy) {
    // #region ddl
    await tenancy.query('CREATE TABLE mine ()'); // 42501: tables are made by migrations
    // #endregion
  },

  async qualified(tenancy: Tenancy) {
    // #region qualified
    await tenancy.query('SELECT name FROM public.accounts'); // 42501: there is nothing in public
    // #endregion
  },

  async nested(tenancy: Tenancy, globex: TenantId) {
    // #region nested
    await tenancy.run(globex, () => tenancy.query(list)); // inside acme's work: TENANT_CONTEXT_CONFLICT
    // #endregion
  },
} as const;

// #region cache
/** Wrong: PostgreSQL is not asked, so it cannot refuse. The first tenant's names are everybody's. */
export function leakyNames(tenancy: Tenancy): () => Promise<unknown> {
  let cached: Promise<unknown> | undefined;
  return () => (cached ??= tenancy.query(list).then(({ rows }) => rows));
}

/** Right: what is kept is kept by tenant. */
export function names(tenancy: Tenancy): () => Promise<unknown> {
  const cached = new Map<TenantId, Promise<unknown>>();
  return () => {
    const tenant = tenancy.current();
    const found = cached.get(tenant) ?? tenancy.query(list).then(({ rows }) => rows);
    cached.set(tenant, found);
    return found;
  };
}
// #endregion

/** A setting that does not stay, and one that does for as long as it is needed. */
export async function timeouts(tenancy: Tenancy): Promise<readonly unknown[]> {
  const show = 'SHOW statement_timeout';
  // #region session
  await tenancy.query("SET statement_timeout = '1min'"); // undone before the next statement
  const outside = await tenancy.query(show);

  const inside = await tenancy.transaction(async (tx) => {
    await tx.query("SET LOCAL statement_timeout = '1min'");
    return tx.query(show);
  });
  // #endregion
  return [outside.rows[0], inside.rows[0]];
}

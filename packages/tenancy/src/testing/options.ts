import type pg from 'pg';
import type { StaticDirectory } from '../directory/static.ts';
import type { PoolOptions } from '../pool/options.ts';
import type { Tenancy, TenancyOptions } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';

/** Makes what one tenant has, in its own schema. */
export type MakeSchema = (client: pg.ClientBase, schema: string) => Promise<unknown>;

/** Where the PostgreSQL of the tests is. See {@link TestTenantsOptions.postgres}. */
export type TestServer = 'embedded' | { readonly url: string } | { getConnectionUri(): string };

/** Puts a tenant's canary wherever its data should be recognised. */
export type Plant = (client: pg.ClientBase, tenant: TestTenant) => Promise<unknown>;

/** Options of {@link startTestTenants}. */
export interface TestTenantsOptions {
  /**
   * Makes the tables of one tenant. It runs as the tenant's owner, outside a transaction and with the tenant's schema first in the
   * search path, so names need no schema: `(client) => client.query('CREATE TABLE notes (…)')`, or `flyway('migrations')` of
   * `@tenantry/migrate/testing`.
   */
  readonly schema: MakeSchema;
  /**
   * `embedded` (default): a PostgreSQL 18 of the kit's own, from binaries that npm has installed; half a second, no Docker.
   * `{ url }`: a server of yours, 16 or newer, as a superuser or a role with CREATEROLE and CREATEDB; a database with a random name is
   * made there and dropped again, and any number of kits may share the server. Or a started Testcontainers container.
   */
  readonly postgres?: TestServer;
  /** As in `createTenancy`. Default `auto`. */
  readonly lane?: TenancyOptions['lane'];
  /** How many tenants are kept ready in the background, so that `create` takes next to no time; 0 for none. Default 4. */
  readonly spares?: number;
  /** Options of the tenancy's pool. */
  readonly pool?: PoolOptions;
  /** Extensions that the tables need, made in the schema `extensions` as the control plane does. Default none. */
  readonly extensions?: readonly string[];
  /** Instead of what {@link TestTenants.pair} finds out by itself; `client` is the owner's, as for `schema`, in a transaction. */
  readonly plant?: Plant;
}

/** A tenant of a test. */
export interface TestTenant {
  readonly tenant: TenantId;
  readonly slug: string;
  /** 24 letters that stand in this tenant's data and nowhere else. */
  readonly canary: string;
  /** Runs a function as the tenant: `tenant.run(() => app.inject(…))`. */
  run<T>(fn: () => T): T;
  /** Runs a query as the tenant, with the rights that it has in production. */
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<R>>;
}

/** What {@link startTestTenants} gives. */
export interface TestTenants {
  readonly tenancy: Tenancy;
  readonly directory: StaticDirectory;
  /** What passwords are derived from, for a program under test that makes its own tenancy. */
  readonly credentialKey: Uint8Array;
  /** A superuser's connection string to the database of the tenants; only of an embedded PostgreSQL. */
  readonly superuserUrl: string | undefined;
  /** A new tenant, with the tables of `schema` and nothing in them. Rejects with TESTING_SCHEMA. */
  create(slug?: string): Promise<TestTenant>;
  /**
   * Two new tenants with a few rows in every table: the same keys in both, and in every text that allows it the canary of
   * the tenant. Rejects with TESTING_SCHEMA, and with TESTING_PLANT where a table takes no row that the catalog suggests.
   */
  pair(): Promise<[TestTenant, TestTenant]>;
  /** Shuts a tenant out, as the control plane does: the next query of it fails, also on connections that are open. */
  suspend(tenant: TestTenant): Promise<void>;
  /** Removes a tenant with its data and roles. */
  drop(tenant: TestTenant): Promise<void>;
  /** Closes the tenancy and removes everything. Harmless when called again. */
  stop(): Promise<void>;
}

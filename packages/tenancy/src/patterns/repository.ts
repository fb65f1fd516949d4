import type { Transaction } from '../transactions/transaction.ts';
import { TenantScope } from './scope.ts';

/**
 * What runs plain SQL: a tenancy, a tenant's handle, and a {@link Transaction}. A repository over it works in and out of
 * transactions.
 */
export type Queryable = Pick<Transaction, 'query'>;

/**
 * The base of a repository: it cannot be built without a tenant, and does nothing in the work of another one.
 *
 * ```ts
 * class Accounts extends TenantRepository<Queryable> {
 *   async names(): Promise<string[]> {
 *     const { rows } = await this.db.query<{ name: string }>('SELECT name FROM account ORDER BY name');
 *     return rows.map(({ name }) => name);
 *   }
 * }
 * await tenancy.run(tenant, () => new Accounts(tenantScope(tenancy, tenancy)).names());
 * ```
 * The constructor throws TENANT_CONTEXT_MISSING for what is no scope.
 */
export abstract class TenantRepository<Db> {
  readonly #scope: TenantScope<Db>;

  constructor(scope: TenantScope<Db>) {
    TenantScope.assert(scope);
    this.#scope = scope;
  }

  /**
   * The database, asked for anew at each use: do not keep it in a field. Throws TENANT_CONTEXT_MISSING and
   * TENANT_CONTEXT_CONFLICT, which are security events.
   */
  protected get db(): Db {
    return this.#scope.db;
  }
}

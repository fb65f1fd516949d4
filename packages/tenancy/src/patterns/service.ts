import type { TransactionOptions } from '../transactions/options.ts';
import type { Transaction } from '../transactions/transaction.ts';
import { TenantScope } from './scope.ts';

/**
 * The base of a service: the rules of a tenant's data, over one or more repositories. It cannot be built without a tenant.
 *
 * ```ts
 * class Onboarding extends TenantService<Queryable> {
 *   open(name: string): Promise<Account> {
 *     return this.transaction(async (tx) => {
 *       const accounts = new Accounts(this.scope.with(tx));
 *       return accounts.create(name);
 *     });
 *   }
 * }
 * ```
 * The constructor throws TENANT_CONTEXT_MISSING for what is no scope.
 */
export abstract class TenantService<Db> {
  /** For its repositories: `new Accounts(this.scope)`. */
  protected readonly scope: TenantScope<Db>;

  constructor(scope: TenantScope<Db>) {
    TenantScope.assert(scope);
    this.scope = scope;
  }

  /**
   * Runs a function in a transaction of the scope's tenant: returning commits, throwing rolls back. `options` can retry it
   * and make it take effect once. For a transaction of a library's own (Kysely, Drizzle, Prisma) use that of `scope.db`, and
   * pass its handle on with `scope.with(…)`.
   *
   * Rejects with TENANT_CONTEXT_MISSING and TENANT_CONTEXT_CONFLICT, and as `tenancy.transaction`.
   */
  protected async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    this.scope.check();
    return this.scope.tenancy.transaction(fn, options);
  }
}

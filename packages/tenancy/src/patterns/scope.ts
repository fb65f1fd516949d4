import { TenancyError } from '../errors.ts';
import type { Tenancy } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';

/** What a scope needs of a tenancy: whose work this is, somebody to tell of a misuse, and transactions. */
export type ScopedTenancy = Pick<Tenancy, 'current' | 'peek' | 'run' | 'transaction'>;

/** Known to this file alone: who does not have it cannot make a scope. */
const maker: unique symbol = Symbol('tenantScope');

/**
 * The right to work on one tenant's data, for as long as work is that tenant's: what repositories and services are built
 * from. Only {@link tenantScope} makes one, and only inside a tenant's context; nothing of the same shape passes for it,
 * neither to the compiler nor at run time.
 */
export class TenantScope<out Db> {
  readonly #tenant: TenantId;
  readonly #tenancy: ScopedTenancy;
  readonly #db: Db;

  /** Not for applications: see {@link tenantScope}. */
  constructor(made: typeof maker, tenant: TenantId, tenancy: ScopedTenancy, db: Db) {
    if (made !== maker) throw notAScope();
    this.#tenant = tenant;
    this.#tenancy = tenancy;
    this.#db = db;
  }

  /** The tenant whose data this is. */
  get tenant(): TenantId {
    return this.#tenant;
  }

  get tenancy(): ScopedTenancy {
    return this.#tenancy;
  }

  /** The database. Throws TENANT_CONTEXT_MISSING and TENANT_CONTEXT_CONFLICT, as {@link check} does. */
  get db(): Db {
    this.check();
    return this.#db;
  }

  /**
   * Throws unless the work of this moment is this tenant's: TENANT_CONTEXT_MISSING where it is nobody's,
   * TENANT_CONTEXT_CONFLICT where it is another's: then something was kept beyond the request that it was made for. Both are
   * security events of the tenancy.
   */
  check(): void {
    if (this.#tenancy.current() === this.#tenant) return;
    let cause: unknown;
    try {
      // Refused, because it is another's context: which tells the tenancy's `security` of it.
      this.#tenancy.run(this.#tenant, () => {});
    } catch (error) {
      cause = error;
    }
    throw new TenancyError(
      'TENANT_CONTEXT_CONFLICT',
      'A repository or service of one tenant was used in the work of another. Make it where the request is handled, ' +
        'with tenantScope(…), and keep it no longer: not in a module’s variable, a singleton or a cache.',
      { cause },
    );
  }

  /**
   * The same right over another handle of the same tenant: a transaction.
   *
   * ```ts
   * await scope.db.transaction().execute((trx) => new Accounts(scope.with(trx)).create('Acme'));
   * ```
   * Throws as {@link check}.
   */
  with<Other>(db: Other): TenantScope<Other> {
    this.check();
    return new TenantScope(maker, this.#tenant, this.#tenancy, db);
  }

  /** A scope, or an error: TENANT_CONTEXT_MISSING. What JavaScript passes has not been seen by a compiler. */
  static assert(scope: unknown): asserts scope is TenantScope<unknown> {
    if (typeof scope === 'object' && scope !== null && #tenant in scope) return;
    throw notAScope();
  }

  /** In logs: the tenant, and no connections or secrets of what `db` may be. */
  toJSON(): { readonly tenant: TenantId } {
    return { tenant: this.#tenant };
  }
}

/**
 * The scope of the tenant whose work this is. `db` is what the adapter gives, of any library: a Kysely, a Drizzle, a Prisma
 * client, or the tenancy itself for plain SQL.
 *
 * ```ts
 * app.get('/accounts', () => new Accounts(tenantScope(tenancy, db)).list());
 * ```
 * Throws TENANT_CONTEXT_MISSING outside of any tenant's context.
 */
export function tenantScope<Db>(tenancy: ScopedTenancy, db: Db): TenantScope<Db> {
  return new TenantScope(maker, tenancy.current(), tenancy, db);
}

function notAScope(): TenancyError {
  return new TenancyError(
    'TENANT_CONTEXT_MISSING',
    'A repository or service is built from a tenant’s scope, and this is none. Pass it tenantScope(tenancy, db), made ' +
      'inside the tenant’s context.',
  );
}

import type { Tenancy } from '@tenantry/tenancy';

// #region repository
import {
  TenantRepository,
  TenantService,
  tenantScope,
  type Queryable,
  type TenantScope,
} from '@tenantry/tenancy/patterns';

class Accounts extends TenantRepository<Queryable> {
  async names(): Promise<readonly string[]> {
    const { rows } = await this.db.query<{ name: string }>('SELECT name FROM accounts ORDER BY id');
    return rows.map(({ name }) => name);
  }

  async add(name: string): Promise<void> {
    await this.db.query('INSERT INTO accounts (name) VALUES ($1)', [name]);
  }
}
// #endregion

// #region service
class Onboarding extends TenantService<Queryable> {
  readonly accounts: Accounts;

  constructor(scope: TenantScope<Queryable>) {
    super(scope);
    this.accounts = new Accounts(scope);
  }

  /** All of them, or none. */
  async open(names: readonly string[]): Promise<void> {
    await this.transaction(async (tx) => {
      const accounts = new Accounts(this.scope.with(tx));
      for (const name of names) await accounts.add(name);
    });
  }
}
// #endregion

// #region use
/** What a route does: a service for this request, made inside the tenant's context and forgotten with it. */
export async function onboard(tenancy: Tenancy, names: readonly string[]): Promise<readonly string[]> {
  const onboarding = new Onboarding(tenantScope(tenancy, tenancy));
  await onboarding.open(names);
  return onboarding.accounts.names();
}
// #endregion

/** What must not be done: a service that outlives its request. */
export const keep = (tenancy: Tenancy) => new Onboarding(tenantScope(tenancy, tenancy));

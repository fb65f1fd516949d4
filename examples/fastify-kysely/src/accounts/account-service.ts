import { TenantService, tenantScope } from '@tenantry/tenancy/patterns';
import type { AppOptions } from '../application.ts';
import type { Database } from '../database.ts';
import { Problem } from '../problem.ts';
import { noSuchAccount, type Account, type AccountPage, type PageRequest } from './account.ts';
import { AccountRepository } from './account-repository.ts';

/** What can be done with accounts. It belongs to one tenant, and cannot be made where there is none. */
export class AccountService extends TenantService<Database> {
  readonly #accounts = new AccountRepository(this.scope);

  async list({ limit, after }: PageRequest): Promise<AccountPage> {
    const found = await this.#accounts.list({ limit: limit + 1, after });
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? items.at(-1)!.id : null };
  }

  async get(id: string): Promise<Account> {
    return (await this.#accounts.find(id)) ?? refuse(noSuchAccount());
  }

  async create(input: { readonly name: string }): Promise<Account> {
    return this.#accounts.create(input);
  }

  async rename(id: string, { name }: { readonly name: string }): Promise<Account> {
    return (await this.#accounts.rename(id, name)) ?? refuse(noSuchAccount());
  }

  async remove(id: string): Promise<void> {
    const isRemoved = await this.#accounts.remove(id).catch((error: unknown) => {
      if (!isStillReferred(error)) throw error;
      throw new Problem(409, 'The account is in use: something still refers to it.');
    });
    if (!isRemoved) throw noSuchAccount();
  }
}

/** The service of the tenant whose request this is. */
export function accountsOf({ tenancy, database }: Pick<AppOptions, 'tenancy' | 'database'>): AccountService {
  return new AccountService(tenantScope(tenancy, database));
}

/** foreign_key_violation, and restrict_violation for what says ON DELETE RESTRICT: PostgreSQL 18 tells them apart. */
function isStillReferred(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '23503' || error.code === '23001');
}

function refuse(problem: Problem): never {
  throw problem;
}

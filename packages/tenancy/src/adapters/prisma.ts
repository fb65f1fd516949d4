import { PrismaPg } from '@prisma/adapter-pg';
import type { Tenancy, TenantHandle } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';

/** What `new PrismaClient({ adapter })` takes. */
export type TenantPrismaAdapter = Pick<PrismaPg, 'provider' | 'adapterName' | 'connect'>;

export interface TenantPrismaOptions {
  /** Clients that are kept, the least recently used forgotten first: 0.3 MB each, and 1 ms to make again. Default 200. */
  readonly maximumClients?: number;
}

/**
 * A Prisma client whose queries run as the tenant of their context.
 *
 * ```ts
 * const prisma = tenantPrisma(tenancy, (adapter) => new PrismaClient({ adapter }));
 * await tenancy.run(tenant, () => prisma.note.findMany());
 * ```
 * Behind it there is a client for each tenant. One for all would not do: Prisma gathers what is asked for at the same moment
 * (`findUnique`, `$transaction([…])`) and sends all of it in the context of whoever asked first. It also means that a query
 * belongs to the tenant that has built it, whoever awaits it.
 */
export function tenantPrisma<C extends object>(
  tenancy: Pick<Tenancy, 'current' | 'peek' | 'for' | 'pool'>,
  create: (adapter: TenantPrismaAdapter) => C,
  { maximumClients = 200 }: TenantPrismaOptions = {},
): C {
  const clients = new Map<TenantId, C>();
  let shape: C | undefined;
  const clientOf = (tenant: TenantId): C => {
    const client = clients.get(tenant) ?? create(tenantPrismaAdapter(tenancy.for(tenant)));
    clients.delete(tenant);
    clients.set(tenant, client);
    // Not disconnected: somebody may be using it, and there is no connection to close.
    if (clients.size > maximumClients) clients.delete(clients.keys().next().value!);
    return client;
  };
  // For questions that containers and loggers ask of any object, outside of any tenant's work.
  const like = (): C => (shape ??= create(tenantPrismaAdapter(tenancy)));
  const disconnect = async (): Promise<void> => {
    const all = [...clients.values()] as { $disconnect?: () => Promise<void> }[];
    clients.clear();
    await Promise.all(all.map(async (client) => client.$disconnect?.()));
  };
  return new Proxy({} as C, {
    get(_target, property) {
      if (property === '$disconnect') return disconnect;
      const tenant = tenancy.peek();
      // What every object has (`constructor`) is asked for as well, and is nobody's data.
      if (tenant === undefined && (property in Object.prototype || !Reflect.has(like(), property)))
        return Reflect.get(like(), property);
      const client = clientOf(tenant ?? tenancy.current());
      const value: unknown = Reflect.get(client, property);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(client) : value;
    },
    has: (_target, property) => Reflect.has(like(), property),
  });
}

/** The driver adapter of one tenant: `new PrismaClient({ adapter: tenantPrismaAdapter(tenancy.for(tenant)) })`. */
export function tenantPrismaAdapter({ pool }: Pick<TenantHandle, 'pool'>): TenantPrismaAdapter {
  return {
    provider: 'postgres',
    adapterName: '@tenantry/tenancy',
    async connect() {
      // Prisma puts a schema before every name, and `public` where it is told none.
      const { rows } = await pool.query<{ schema: string }>('SELECT current_schema() AS schema');
      return new PrismaPg(pool, { schema: rows[0]!.schema }).connect();
    },
  };
}

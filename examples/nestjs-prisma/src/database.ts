import type { Tenancy } from '@tenantry/tenancy';
import { tenantPrisma } from '@tenantry/tenancy/prisma';
import { Prisma, PrismaClient } from './generated/client.ts';

/** What repositories get: every query runs as the tenant whose work it is when it is built. */
export type Database = PrismaClient;

/** One object for all tenants, with a client for each behind it. Nothing is connected until the first query. */
export function openDatabase(tenancy: Tenancy): Database {
  return tenantPrisma(tenancy, (adapter) => new PrismaClient({ adapter }));
}

/** Throws an error whose `code` is PostgreSQL's SQLSTATE, as the driver's has, instead of Prisma's own number for it. */
export function throwPostgresError(error: unknown): never {
  const code = sqlStateOf(error);
  if (code === undefined) throw error;
  throw Object.assign(new Error('PostgreSQL refused the statement.', { cause: error }), { code });
}

function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const { driverAdapterError } = (error.meta ?? {}) as {
    driverAdapterError?: { cause?: { originalCode?: string } };
  };
  return driverAdapterError?.cause?.originalCode;
}

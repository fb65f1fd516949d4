import { randomInt } from 'node:crypto';
import { staticDirectory } from '../directory/static.ts';
import { isSlug } from '../directory/placement.ts';
import { createTenancy } from '../tenancy.ts';
import type { TenantId } from '../tenant-id.ts';
import { buildTenant, closeTenant, dropTenant } from './build.ts';
import { placementOf, type Cell } from './cell/cell.ts';
import { openCell } from './cell/open.ts';
import { TestingError } from './errors.ts';
import { kitOf, register } from './members.ts';
import type { TestTenant, TestTenants, TestTenantsOptions } from './options.ts';
import { plantBy, plantPair, type PlantMemory } from './plant/pair.ts';
import { Spares } from './spares.ts';

/**
 * Real tenants for tests: a private PostgreSQL laid out as the control plane lays out a cell, and a tenancy over it.
 *
 * ```ts
 * const tenants = await startTestTenants({ schema: flyway('migrations') });
 * const acme = await tenants.create();
 * await acme.query('INSERT INTO notes (body) VALUES ($1)', [acme.canary]);
 * await tenants.stop();
 * ```
 * Rejects with TESTING_SERVER, with TESTING_OPTION, TENANCY_OPTION and with EmbeddedError.
 */
export async function startTestTenants(options: TestTenantsOptions): Promise<TestTenants> {
  const { schema, postgres = 'embedded', lane, spares: wanted = 4, pool, plant, extensions = [] } = options;
  if (typeof schema !== 'function')
    throw new TestingError('TESTING_OPTION', 'schema must be a function that makes the tables of a tenant.');
  if (!Number.isInteger(wanted) || wanted < 0)
    throw new TestingError('TESTING_OPTION', 'spares must be a whole number from 0.');
  const cell = await openCell(postgres, extensions);
  const directory = staticDirectory([]);
  const { credentialKey, superuserUrl } = cell;
  const tenancy = await orClose(cell, () => createTenancy({ directory, credentialKey, lane, pool }));
  const spares = new Spares(() => buildTenant(cell, schema), wanted);
  const slugs = new Set<string>();
  const memory: PlantMemory = {};
  let made = 0;
  let stopping: Promise<void> | undefined;

  const create = async (slug = freshSlug((made += 1))): Promise<TestTenant> => {
    if (!isSlug(slug) || slugs.has(slug))
      throw new TestingError(
        'TESTING_OPTION',
        `The slug ${JSON.stringify(slug)} is no DNS label, or another test tenant has it.`,
      );
    slugs.add(slug);
    try {
      const tenant = await spares.take();
      directory.set(placementOf(cell, tenant, slug));
      return newTenant(tenant, slug);
    } catch (error) {
      slugs.delete(slug);
      throw error;
    }
  };
  const newTenant = (tenant: TenantId, slug: string): TestTenant => {
    const handle = tenancy.for(tenant);
    const test: TestTenant = {
      tenant,
      slug,
      canary: newCanary(),
      run: (fn) => tenancy.run(tenant, fn),
      query: (text, values) => handle.query(text, values),
    };
    register(test, { cell, planted: [] });
    return test;
  };
  const stop = async (): Promise<void> => {
    await Promise.allSettled([tenancy.close(), spares.close()]);
    await close(cell);
  };
  return {
    tenancy,
    directory,
    credentialKey: Buffer.from(credentialKey),
    superuserUrl,
    create,
    async pair() {
      const tenants: [TestTenant, TestTenant] = [await create(), await create()];
      if (plant !== undefined) {
        for (const tenant of tenants) await plantBy(cell, tenant, plant);
        return tenants;
      }
      const planted = await plantPair(cell, tenants, memory);
      for (const [tenant, tables] of planted) register(tenant, { cell, planted: tables });
      return tenants;
    },
    async suspend(tenant) {
      kitOf(tenant);
      directory.remove(tenant.tenant);
      await closeTenant(cell, tenant.tenant);
    },
    async drop(tenant) {
      kitOf(tenant);
      directory.remove(tenant.tenant);
      await dropTenant(cell, tenant.tenant);
      slugs.delete(tenant.slug);
    },
    stop: () => (stopping ??= stop()),
  };
}

/** An option that is refused leaves no server behind. */
async function orClose<T>(cell: Cell, make: () => T): Promise<T> {
  try {
    return make();
  } catch (error) {
    await close(cell);
    throw error;
  }
}

async function close(cell: Cell): Promise<void> {
  try {
    await cell.control.end();
  } finally {
    await cell.remove();
  }
}

function freshSlug(n: number): string {
  return `tenant-${n}`;
}

/** Small letters only: they pass most of the checks that a column has, and are the same in upper case, in JSON and in an address. */
function newCanary(): string {
  return `canary${Array.from({ length: 18 }, () => String.fromCharCode(97 + randomInt(26))).join('')}`;
}

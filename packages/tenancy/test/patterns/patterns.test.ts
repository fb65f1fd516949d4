import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { tenantKysely } from '../../src/adapters/kysely.ts';
import { staticDirectory } from '../../src/directory/index.ts';
import { createTenancy, type SecurityEvent, type Tenancy } from '../../src/index.ts';
import {
  TenantRepository,
  TenantScope,
  tenantScope,
  TenantService,
  type Queryable,
} from '../../src/patterns/index.ts';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { codeOf } from '../support/open.ts';

interface Note {
  readonly id: number;
  readonly body: string;
}

class Notes extends TenantRepository<Queryable> {
  async bodies(): Promise<string[]> {
    const { rows } = await this.db.query<Note>('SELECT body FROM notes ORDER BY id');
    return rows.map(({ body }) => body);
  }
  async add(id: number, body: string): Promise<void> {
    await this.db.query('INSERT INTO notes (id, body) VALUES ($1, $2)', [id, body]);
  }
}

class Writing extends TenantService<Queryable> {
  /** Writes one note, and reads all of them, in one transaction. */
  write(id: number, body: string, fail?: Error): Promise<string[]> {
    return this.transaction(async (tx) => {
      const notes = new Notes(this.scope.with(tx));
      await notes.add(id, body);
      if (fail) throw fail;
      return notes.bodies();
    });
  }
}

let cell: TestCell;
let tenancy: Tenancy;
let a: TestTenant;
let b: TestTenant;
const events: SecurityEvent[] = [];

beforeAll(async () => {
  cell = await startTestCell({ slots: 3 });
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  tenancy = createTenancy({
    directory: staticDirectory(cell.placements()),
    credentialKey: cell.credentialKey,
    onSecurityEvent: (event) => events.push(event),
  });
});
afterAll(async () => {
  await tenancy?.close();
  await cell?.stop();
});

const notesOf = (tenant: TestTenant) =>
  tenancy.run(tenant.id, () => new Notes(tenantScope(tenancy, tenancy)));

describe('a repository', () => {
  test('reads what is its tenant’s', async () => {
    for (const { id, canary } of [a, b]) {
      const bodies = await tenancy.run(id, () => new Notes(tenantScope(tenancy, tenancy)).bodies());
      expect(new Set(bodies)).toEqual(new Set([canary]));
    }
  });

  test('is not built where the work is nobody’s', () => {
    expect(() => tenantScope(tenancy, tenancy)).toThrow(
      expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }),
    );
  });

  test('is not built from anything that looks like a scope', () => {
    const scope = tenancy.run(a.id, () => tenantScope(tenancy, tenancy));
    const fakes: unknown[] = [
      undefined,
      null,
      {},
      { tenant: a.id, db: tenancy, tenancy, check() {}, with() {} },
      Object.create(TenantScope.prototype),
      Object.assign({}, scope),
      new Proxy(scope, {}),
    ];
    for (const fake of fakes) {
      for (const build of [() => new Notes(fake as never), () => new Writing(fake as never)]) {
        expect(build).toThrow(expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }));
      }
    }
    const made = Symbol('tenantScope') as never;
    expect(() => new TenantScope(made, a.id, tenancy, tenancy)).toThrow(
      expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }),
    );
  });

  test('kept beyond its request it does nothing for another tenant, nor for nobody, and is reported', async () => {
    const kept = notesOf(a);
    events.length = 0;
    expect(await codeOf(tenancy.run(b.id, () => kept.bodies()))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await codeOf(kept.bodies())).toBe('TENANT_CONTEXT_MISSING');
    // Equal ones of a second are one event, so the second may come a moment later.
    await expect
      .poll(() => events.map(({ code, tenant }) => ({ code, tenant })), { timeout: 3_000 })
      .toEqual([
        { code: 'TENANT_CONTEXT_CONFLICT', tenant: b.id },
        { code: 'TENANT_CONTEXT_MISSING', tenant: undefined },
      ]);
    expect(await tenancy.run(a.id, () => kept.bodies())).toContain(a.canary);
  });

  test('over a handle that is always one tenant’s it still asks whose work this is', async () => {
    const kept = tenancy.run(a.id, () => new Notes(tenantScope(tenancy, tenancy.for(a.id))));
    expect(await codeOf(tenancy.run(b.id, () => kept.bodies()))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await tenancy.run(a.id, () => kept.bodies())).toContain(a.canary);
  });

  test('a hundred at once keep apart', async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const { id, canary } = i % 2 === 0 ? a : b;
        const bodies = await tenancy.run(id, async () => new Notes(tenantScope(tenancy, tenancy)).bodies());
        expect(bodies.every((body) => body === canary)).toBe(true);
      }),
    );
  });
});

describe('a service', () => {
  test('commits and rolls back what its repositories do', async () => {
    const service = () => new Writing(tenantScope(tenancy, tenancy));
    const id = 70;
    expect(await tenancy.run(a.id, () => service().write(id, a.canary))).toHaveLength(6);
    const failure = new Error('no');
    await expect(tenancy.run(a.id, () => service().write(id + 1, a.canary, failure))).rejects.toBe(failure);
    expect(await tenancy.run(a.id, () => notesOf(a).bodies())).toHaveLength(6);
    await tenancy.run(a.id, () => tenancy.query('DELETE FROM notes WHERE id = $1', [id]));
  });

  test('kept beyond its request it begins no transaction for another tenant', async () => {
    const kept = tenancy.run(a.id, () => new Writing(tenantScope(tenancy, tenancy)));
    expect(await codeOf(tenancy.run(b.id, () => kept.write(80, 'x')))).toBe('TENANT_CONTEXT_CONFLICT');
    expect(await codeOf(kept.write(80, 'x'))).toBe('TENANT_CONTEXT_MISSING');
    expect(await tenancy.run(b.id, () => notesOf(b).bodies())).not.toContain('x');
  });

  test('a repository over a transaction that is over says so', async () => {
    const notes = await tenancy.run(a.id, () =>
      tenancy.transaction(async (tx) => new Notes(tenantScope(tenancy, tx))),
    );
    expect(await codeOf(tenancy.run(a.id, () => notes.bodies()))).toBe('TENANCY_CLOSED');
  });

  test('a transaction of Kysely goes on in a repository', async () => {
    interface Tables {
      notes: { id: number; body: string };
    }
    const db = tenantKysely<Tables>(tenancy);
    class Counting extends TenantRepository<Pick<typeof db, 'selectFrom'>> {
      count = async () => (await this.db.selectFrom('notes').select('id').execute()).length;
    }
    const counted = await tenancy.run(a.id, () => {
      const scope = tenantScope(tenancy, db);
      return scope.db.transaction().execute(async (trx) => {
        await trx.insertInto('notes').values({ id: 90, body: a.canary }).execute();
        const inside = await new Counting(scope.with(trx)).count();
        await trx.deleteFrom('notes').where('id', '=', 90).execute();
        return inside;
      });
    });
    expect(counted).toBe(6);
  });
});

test('to the compiler only a scope is a scope', () => {
  expectTypeOf<{ tenant: typeof a.id; db: Queryable; tenancy: Tenancy }>().not.toExtend<
    TenantScope<Queryable>
  >();
  expectTypeOf(Notes).constructorParameters.toEqualTypeOf<[scope: TenantScope<Queryable>]>();
  expectTypeOf<TenantScope<Tenancy>>().toExtend<TenantScope<Queryable>>();
  expectTypeOf<TenantScope<{ other: true }>>().not.toExtend<TenantScope<Queryable>>();
  expectTypeOf(tenantScope<Tenancy>).returns.toEqualTypeOf<TenantScope<Tenancy>>();
});

test('a scope in a log is the tenant and nothing else', () => {
  const scope = tenancy.run(a.id, () => tenantScope(tenancy, { password: 'secret' }));
  expect(JSON.stringify({ scope })).toBe(JSON.stringify({ scope: { tenant: a.id } }));
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestCell, type TestCell, type TestTenant } from '../support/cell.ts';
import { TestDirectory } from '../support/directory.ts';
import { codeOf } from '../support/open.ts';
import { createTenancy, newTenantId, type Tenancy } from '../support/tenancy.ts';
import { startNaive, type Naive } from './naive.ts';

let cell: TestCell;
let a: TestTenant;
let b: TestTenant;
let naive: Naive;
beforeAll(async () => {
  cell = await startTestCell({ tenants: 2, slots: 4 });
  [a, b] = cell.tenants as [TestTenant, TestTenant];
  naive = await startNaive(cell);
});
afterAll(async () => {
  await naive?.pool.end();
  await cell?.stop();
});

const read = 'SELECT body FROM notes WHERE id = 1';

/** Two hundred times in turn as a and as b, ten at a time: how often somebody got what is not his. */
async function foreign(readAs: (tenant: TestTenant) => Promise<unknown>): Promise<number> {
  let count = 0;
  const tenants = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? a : b));
  while (tenants.length > 0) {
    await Promise.all(
      tenants.splice(0, 10).map(async (tenant) => {
        if (!JSON.stringify(await readAs(tenant)).includes(tenant.canary)) count += 1;
      }),
    );
  }
  return count;
}

describe.each(['sealed', 'leased', 'auto'] as const)('lane %s', (lane) => {
  let tenancy: Tenancy;
  let directory: TestDirectory;
  beforeAll(() => {
    directory = new TestDirectory(cell.placements());
    tenancy = createTenancy({
      directory,
      credentialKey: cell.credentialKey,
      lane,
      pool: { maximumPoolSize: 3, connectionTimeout: 2_000 },
    });
  });
  afterAll(() => tenancy.close());

  describe('SET search_path on one pooled client and the query on another', () => {
    test('the path of another tenant, set through the pool, changes nobody’s answer', async () => {
      const wrong = await foreign(async ({ id }) => {
        const { pool } = tenancy.for(id);
        await pool.query(`SET search_path TO ${id === a.id ? b.id : a.id}, public`);
        return (await pool.query(read)).rows;
      });
      expect(wrong).toBe(0);
    });

    test('set on a client, it ends with it', async () => {
      const client = await tenancy.for(a.id).pool.connect();
      await client.query(`SET search_path TO ${b.id}, public`);
      const [elsewhere] = (await tenancy.for(a.id).pool.query(read)).rows as unknown[];
      client.release();
      const after = await Promise.all([0, 1, 2, 3].map(() => tenancy.for(a.id).pool.query(read)));
      for (const row of [elsewhere, ...after.map(({ rows }) => rows[0] as unknown)])
        expect(row).toEqual({ body: a.canary });
    });

    test('a statement of the pool never gets into a transaction that somebody holds', async () => {
      const client = await tenancy.for(a.id).pool.connect();
      await client.query('BEGIN');
      await client.query(`INSERT INTO notes (id, body) VALUES (77, 'not committed')`);
      const seen = await tenancy.for(a.id).pool.query('SELECT FROM notes WHERE id = 77');
      await client.query('ROLLBACK');
      client.release();
      expect(seen.rowCount).toBe(0);
    });
  });

  describe('an unknown tenant reads public', () => {
    test.each(['an id that was never given', 'a tenant that was removed', 'a slug'])('%s', async (what) => {
      const removed = cell.placement(b);
      directory.remove(b.id);
      try {
        const work: Promise<unknown> =
          what === 'a slug'
            ? tenancy.resolve(b.slug)
            : tenancy.for(what.startsWith('an id') ? newTenantId() : b.id).query(read);
        expect(await codeOf(work)).toBe('TENANT_NOT_FOUND');
      } finally {
        directory.set(removed);
      }
    });

    test('nobody at all', async () => {
      expect(await codeOf(tenancy.pool.query(read))).toBe('TENANT_CONTEXT_MISSING');
    });

    test('a tenant whose own table is missing', async () => {
      // In public there is one, which the worst of operators has opened to everybody.
      await cell.superuser.query(`
        CREATE TABLE public.settings AS SELECT 'of public' AS body;
        GRANT USAGE ON SCHEMA public TO PUBLIC; GRANT SELECT ON public.settings TO PUBLIC`);
      try {
        expect(await codeOf(tenancy.for(a.id).query('SELECT body FROM settings'))).toBe('42P01');
      } finally {
        await cell.superuser.query('DROP TABLE public.settings; REVOKE USAGE ON SCHEMA public FROM PUBLIC');
      }
    });

    test('a tenant whose placement names a schema that is not there', async () => {
      directory.set({ ...cell.placement(a), schema: 'gone' });
      try {
        expect(await codeOf(tenancy.for(a.id).query(read))).toBe('42P01');
      } finally {
        directory.set(cell.placement(a));
      }
    });
  });
});

describe('one application user is granted every schema', () => {
  const opened = `
    SELECT l.rolname AS login, t.nspname AS schema
      FROM pg_roles l CROSS JOIN pg_namespace t
      JOIN pg_class c ON c.relnamespace = t.oid AND c.relkind = 'r'
     WHERE l.rolcanlogin AND NOT l.rolsuper AND t.nspname ~ '^t_[a-z2-7]{12}$'
       AND (has_schema_privilege(l.oid, t.oid, 'USAGE, CREATE')
            OR has_table_privilege(l.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
            OR has_any_column_privilege(l.oid, c.oid, 'SELECT, INSERT, UPDATE'))
     GROUP BY 1, 2 ORDER BY 1, 2`;

  test('here every login opens the schema of its own name and no other', async () => {
    const { rows } = await cell.superuser.query<{ login: string; schema: string }>(opened);
    const ours = rows.filter(({ login }) => login !== 'app');
    expect(ours).toEqual([a, b].map(({ id }) => ({ login: id, schema: id })).toSorted(byLogin));
    // Control: the query finds the user that they have.
    expect(rows.filter(({ login }) => login === 'app').map(({ schema }) => schema)).toEqual(
      [a.id, b.id].toSorted(),
    );
  });

  test.each(['tenantry_slot_1', 'tenantry_broker'])(
    'what the application logs in as alone, %s, opens nothing',
    async (role) => {
      const client = await cell.loginAs(role);
      try {
        for (const { id } of [a, b]) {
          expect(await codeOf(client.query(`SELECT body FROM ${id}.notes`))).toBe('42501');
          expect(await codeOf(client.query(`SET ROLE ${id}`))).toBe('42501');
        }
        expect(await codeOf(client.query(`SELECT body FROM notes`))).toBe('42P01');
      } finally {
        await client.end();
      }
    },
  );
});

describe('control: one login and a search path', () => {
  test('of two clients reads the wrong schema', async () => {
    const wrong = await foreign(async ({ id }) => (await naive.queryOnTwo(id, read)).rows);
    expect(wrong).toBeGreaterThan(0);
  });

  test('of an unknown tenant reads public', async () => {
    const { rows } = await naive.query(`${newTenantId()}, public`, read);
    expect(rows).toEqual([{ body: 'of public' }]);
  });
});

function byLogin(one: { readonly login: string }, other: { readonly login: string }): number {
  return one.login < other.login ? -1 : 1;
}

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { flyway } from '@tenantry/migrate/testing';
import type { Tenancy } from '@tenantry/tenancy';
import { tenantScope, type TenantScope } from '@tenantry/tenancy/patterns';
import { startTestTenants, type TestTenant, type TestTenants } from '@tenantry/tenancy/testing';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const templates = fileURLToPath(new URL('../../templates/api', import.meta.url));
const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

interface Account {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** What the template of every data library has to offer. */
interface Repository {
  list(page: { limit: number; after: string | undefined }): Promise<readonly Account[]>;
  find(id: string): Promise<Account | undefined>;
  create(input: { name: string }): Promise<Account>;
  rename(id: string, name: string): Promise<Account | undefined>;
  remove(id: string): Promise<boolean>;
}

interface Opened {
  /** Made anew for the tenant whose work it is. */
  repository(): Repository;
  transaction(fn: (accounts: Repository) => Promise<void>): Promise<void>;
}

/** How a transaction begins with each library, whose databases have no type in common. */
const transactions: Readonly<
  Record<string, (database: never, fn: (tx: unknown) => Promise<void>) => Promise<void>>
> = {
  kysely: (database: Kysely<unknown>, fn) => database.transaction().execute(fn),
  drizzle: (database: NodePgDatabase, fn) => database.transaction(fn),
  prisma: (database: { $transaction(fn: (tx: unknown) => Promise<void>): Promise<void> }, fn) =>
    database.$transaction(fn),
  pg: (database: Tenancy, fn) => database.transaction(fn),
};

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** The template's files where a project would have them, and what they export. */
async function open(library: string, tenancy: Tenancy): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'tenantry-template-'));
  directories.push(directory);
  cpSync(join(templates, library), directory, { recursive: true });
  symlinkSync(modules, join(directory, 'node_modules'));
  if (existsSync(join(directory, 'schema.prisma'))) {
    execFileSync('npm', ['run', '--silent', 'generate'], {
      cwd: directory,
      env: { ...process.env, PATH: `${join(modules, '.bin')}:${process.env['PATH'] ?? ''}` },
    });
  }
  const load = async (path: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(directory, path)).href);
  const { openDatabase } = (await load('src/database.ts')) as { openDatabase: (of: Tenancy) => unknown };
  const { AccountRepository } = (await load('src/accounts/account-repository.ts')) as {
    AccountRepository: new (scope: TenantScope<unknown>) => Repository;
  };
  const database = openDatabase(tenancy);
  const repository = (): Repository => new AccountRepository(tenantScope(tenancy, database));
  return {
    repository,
    transaction: (fn) =>
      transactions[library]!(database as never, (tx) =>
        fn(new AccountRepository(tenantScope(tenancy, database).with(tx))),
      ),
  };
}

let tenants: TestTenants;
beforeAll(async () => {
  const accounts = flyway(join(templates, 'common/migrations'));
  tenants = await startTestTenants({
    async schema(client, schema) {
      await accounts(client, schema);
      await client.query('CREATE TABLE invoices (account_id bigint REFERENCES accounts)');
      await client.query('CREATE TABLE projects (account_id bigint REFERENCES accounts ON DELETE RESTRICT)');
    },
  });
});
afterAll(() => tenants?.stop());

describe.each(['kysely', 'drizzle', 'prisma', 'pg'])('the repository of %s', (library) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(library, tenants.tenancy);
  });
  const as = async <T>(tenant: TestTenant, fn: (accounts: Repository) => Promise<T>): Promise<T> =>
    tenant.run(() => fn(opened.repository()));

  test('makes, finds, renames and removes', async () => {
    const acme = await tenants.create();
    const made = await as(acme, (accounts) => accounts.create({ name: 'Wayne' }));
    expect(made).toEqual({ id: '1', name: 'Wayne', createdAt: expect.any(String) as string });
    expect(Date.now() - Date.parse(made.createdAt)).toBeLessThan(60_000);
    expect(made.createdAt).toBe(new Date(made.createdAt).toISOString());
    expect(await as(acme, (accounts) => accounts.find('1'))).toEqual(made);
    const renamed = await as(acme, (accounts) => accounts.rename('1', 'Wayne Enterprises'));
    expect(renamed).toEqual({ ...made, name: 'Wayne Enterprises' });
    expect(await as(acme, (accounts) => accounts.remove('1'))).toBe(true);
    expect(await as(acme, (accounts) => accounts.find('1'))).toBeUndefined();
    expect(await as(acme, (accounts) => accounts.rename('1', 'x'))).toBeUndefined();
    expect(await as(acme, (accounts) => accounts.remove('1'))).toBe(false);
  });

  test('gives ids as they are, beyond what a number holds', async () => {
    const acme = await tenants.create();
    const id = '9223372036854775807';
    await acme.query("INSERT INTO accounts (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, 'last')", [id]);
    expect(await as(acme, (accounts) => accounts.find(id))).toMatchObject({ id, name: 'last' });
    expect(
      await as(acme, (accounts) => accounts.list({ limit: 1, after: '9223372036854775806' })),
    ).toMatchObject([{ id }]);
    expect(await as(acme, (accounts) => accounts.remove(id))).toBe(true);
  });

  test('lists by id, a page after the other', async () => {
    const acme = await tenants.create();
    await acme.query("INSERT INTO accounts (name) SELECT 'n' || n FROM generate_series(1, 12) n");
    const pages: string[][] = [];
    for (let after: string | undefined; ;) {
      const page = await as(acme, (accounts) => accounts.list({ limit: 5, after }));
      pages.push(page.map(({ name }) => name));
      if (page.length < 5) break;
      after = page.at(-1)!.id;
    }
    expect(pages).toEqual([
      ['n1', 'n2', 'n3', 'n4', 'n5'],
      ['n6', 'n7', 'n8', 'n9', 'n10'],
      ['n11', 'n12'],
    ]);
  });

  test('works in a transaction', async () => {
    const acme = await tenants.create();
    const failure = new Error('thought better of it');
    const made = (fail: boolean): Promise<void> =>
      acme.run(() =>
        opened.transaction(async (accounts) => {
          await accounts.create({ name: 'Wayne' });
          expect(await accounts.list({ limit: 10, after: undefined })).toHaveLength(1);
          if (fail) throw failure;
        }),
      );
    await expect(made(true)).rejects.toBe(failure);
    await made(false);
    expect(await as(acme, (accounts) => accounts.list({ limit: 10, after: undefined }))).toHaveLength(1);
  });

  test('says by SQLSTATE that something refers to an account', async () => {
    const acme = await tenants.create();
    for (const [table, code] of [
      ['invoices', '23503'],
      ['projects', '23001'],
    ] as const) {
      const { id } = await as(acme, (accounts) => accounts.create({ name: table }));
      await acme.query(`INSERT INTO ${table} VALUES ($1)`, [id]);
      await expect(as(acme, (accounts) => accounts.remove(id))).rejects.toMatchObject({ code });
      expect(await as(acme, (accounts) => accounts.find(id))).toMatchObject({ name: table });
    }
  });

  test('shows two tenants with the same ids their own, and nobody anything', async () => {
    const both = [await tenants.create(), await tenants.create()];
    for (const each of both) await as(each, (accounts) => accounts.create({ name: each.canary }));
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const each = both[i % 2]!;
        expect(await as(each, (accounts) => accounts.find('1'))).toMatchObject({ name: each.canary });
        const listed = await as(each, (accounts) => accounts.list({ limit: 10, after: undefined }));
        expect(listed.map(({ name }) => name)).toEqual([each.canary]);
      }),
    );
    expect(() => opened.repository()).toThrow(
      expect.objectContaining({ code: 'TENANT_CONTEXT_MISSING' }) as Error,
    );
  });
});

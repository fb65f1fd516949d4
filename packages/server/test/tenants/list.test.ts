import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListTenants, Tenant } from '@tenantry/contract';
import { randomBase32 } from '@tenantry/tenancy';
import { send } from '../support/call.ts';
import { migrationFiles, type MigrationFiles } from '../support/files.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let files: MigrationFiles;
beforeAll(async () => {
  files = await migrationFiles();
  server = await startTestServer({ migrations: files.path });
  await insert(seeded);
});
afterAll(async () => {
  await server.stop();
  await files.clean();
});

interface Row {
  readonly slug: string;
  readonly name: string;
  readonly state: string;
  readonly plan: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Many rows share one: the id decides then. */
  readonly createdAt: string;
}

const states = ['active', 'suspended', 'archived', 'deleting', 'deleted'];
const seeded: Row[] = Array.from({ length: 130 }, (_, i) => ({
  slug: `seed-${String(i).padStart(3, '0')}`,
  name: ['Ärzte', 'Zoo', 'apple', 'Apple', '東京', 'a b', 'a-b'][i % 7]!,
  state: i % 10 < 6 ? 'active' : states[i % 5]!,
  plan: i % 3 === 0 ? 'gold' : 'standard',
  labels: { region: i % 2 === 0 ? 'eu' : 'us', ...(i % 13 === 0 ? { vip: '' } : {}) },
  createdAt: `2026-01-01T00:00:00.${String(Math.floor(i / 4)).padStart(6, '0')}Z`,
}));

/** Rows without schemas: a list reads nothing else. */
async function insert(rows: readonly Row[]): Promise<void> {
  for (const { slug, name, state, plan, labels, createdAt } of rows) {
    const id = `t_${randomBase32(12)}`;
    await server.superuser.query(
      `INSERT INTO tenantry.tenants (id, slug, name, state, plan, labels, cell_id, schema_name, created_at, updated_at)
       SELECT $1, $2, $3, $4, $5, $6, id, $1, $7, $7 FROM tenantry.cells WHERE is_default`,
      [id, slug, name, state, plan, labels, createdAt],
    );
  }
}

async function all(query: ListTenants): Promise<Tenant[]> {
  const items: Tenant[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await server.admin.call('listTenants', {
      query: { ...query, ...(cursor ? { cursor } : {}) },
    });
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

const everyState = states.join(',');

describe('pages', () => {
  const sorts = ['createdAt', 'updatedAt', 'slug', 'name'] as const;
  test.each(sorts.flatMap((key) => [key, `-${key}`] as const))(
    'sorted by %s: every tenant once, in order',
    async (sort) => {
      const paged = await all({ sort, limit: 17, state: everyState, q: 'seed-' });
      expect(paged).toHaveLength(130);
      expect(new Set(paged.map(({ id }) => id)).size).toBe(130);
      const { rows } = await server.superuser.query<{ slug: string }>(
        `SELECT slug FROM tenantry.tenants WHERE slug LIKE 'seed-%' ORDER BY ${
          { createdAt: 'created_at', updatedAt: 'updated_at', slug: 'slug', name: 'name' }[
            sort.replace('-', '') as (typeof sorts)[number]
          ]
        } ${sort.startsWith('-') ? 'DESC, id DESC' : ', id'}`,
      );
      expect(paged.map(({ slug }) => slug)).toEqual(rows.map(({ slug }) => slug));
    },
  );

  test('while tenants are added, none of those that were there is skipped or shown twice', async () => {
    const seen: string[] = [];
    let added = 0;
    for (let cursor: string | undefined; ;) {
      const page = await server.admin.call('listTenants', {
        query: { sort: 'slug', limit: 10, state: everyState, q: 'seed-', ...(cursor ? { cursor } : {}) },
      });
      seen.push(...page.items.map(({ slug }) => slug ?? ''));
      // Before, on and after the place where the reader is.
      await insert(
        ['seed-000a', `${seen.at(-1)}a`, 'seed-zzz'].map((slug) =>
          Object.assign({}, seeded[0]!, { slug: `${slug}-${added++}` }),
        ),
      );
      if (page.nextCursor === null || seen.length > 1000) break;
      cursor = page.nextCursor;
    }
    await server.superuser.query(`DELETE FROM tenantry.tenants WHERE slug ~ '^seed-(\\d{3}a|zzz)'`);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seeded.map(({ slug }) => slug).filter((slug) => !seen.includes(slug))).toEqual([]);
  });

  test('total counts what fits, whatever the page; asOf says when', async () => {
    const page = await server.admin.call('listTenants', {
      query: { state: everyState, q: 'seed-', limit: 1 },
    });
    expect(page).toMatchObject({ total: 130, totalIsExact: true });
    expect(Math.abs(Date.now() - new Date(page.asOf).getTime())).toBeLessThan(60_000);
  });

  test('an exact last page has no next one', async () => {
    const page = await server.admin.call('listTenants', {
      query: { q: 'seed-00', state: everyState, limit: 10 },
    });
    expect(page).toMatchObject({ total: 10, nextCursor: null });
  });
});

describe('filters', () => {
  const count = async (query: ListTenants) =>
    (await server.admin.call('listTenants', { query: { limit: 1, ...query } })).total;
  const expected = (fits: (row: Row) => boolean) => seeded.filter(fits).length;

  test('deleted tenants are shown only when asked for', async () => {
    expect(await count({ q: 'seed-' })).toBe(expected(({ state }) => state !== 'deleted'));
    expect(await count({ state: 'deleted' })).toBe(expected(({ state }) => state === 'deleted'));
  });
  test('state, one or more', async () => {
    expect(await count({ state: 'active' })).toBe(expected(({ state }) => state === 'active'));
    expect(await count({ state: 'suspended,archived' })).toBe(
      expected(({ state }) => state === 'suspended' || state === 'archived'),
    );
  });
  test('plan and cell', async () => {
    expect(await count({ plan: 'gold', state: everyState })).toBe(expected(({ plan }) => plan === 'gold'));
    expect(await count({ cell: 'default', state: everyState })).toBe(130);
    expect(await count({ cell: 'other', state: everyState })).toBe(0);
  });
  test('labels: key and value, key alone, several', async () => {
    expect(await count({ label: 'region:eu', state: everyState })).toBe(65);
    expect(await count({ label: 'vip', state: everyState })).toBe(10);
    expect(await count({ label: 'vip,region:us', state: everyState })).toBe(5);
    expect(await count({ label: `region:eu' OR true --`, state: everyState })).toBe(0);
  });
  test('q finds in slug, name and id, without regard to case', async () => {
    expect(await count({ q: 'SEED-01', state: everyState })).toBe(10);
    expect(await count({ q: 'apple', state: everyState })).toBe(expected(({ name }) => /apple/i.test(name)));
    expect(await count({ q: '東京', state: everyState })).toBe(expected(({ name }) => name === '東京'));
    expect(await count({ q: 'ärzte', state: everyState })).toBe(expected(({ name }) => name === 'Ärzte'));
    const [one] = await all({ q: 'seed-000', state: everyState });
    expect(await count({ q: one!.id })).toBe(1);
  });
  test.each(['%', '_', '\\', '%%', "'", '"', '100%'])('%s in q is a character, not a wildcard', async (q) => {
    expect(await count({ q, state: everyState })).toBe(q === '_' ? 130 : 0);
  });
  test('an underscore matches itself only', async () => {
    expect(await count({ q: 'seed_0', state: everyState })).toBe(0);
  });
});

describe('bad queries', () => {
  const first = (query: string) =>
    send<{ nextCursor: string; code?: string }>(server, `/v1/tenants?${query}`);
  test.each([
    ['limit 0', 'limit=0'],
    ['limit 101', 'limit=101'],
    ['a negative limit', 'limit=-1'],
    ['a limit that is a text', 'limit=ten'],
    ['half a limit', 'limit=1.5'],
    ['an empty limit', 'limit='],
    ['limit twice', 'limit=1&limit=2'],
    ['sort twice', 'sort=name&sort=slug'],
    ['state twice', 'state=active&state=deleted'],
    ['an unknown sort', 'sort=plan'],
    ['SQL as sort', 'sort=slug;drop table x'],
    ['an unknown state', 'state=asleep'],
    ['an empty state among others', 'state=active,'],
    ['an unknown parameter', 'colour=red'],
    ['NUL in q', 'q=%00'],
    ['NUL in plan', 'plan=%00'],
    ['NUL in cell', 'cell=a%00'],
    ['NUL in label', 'label=a%00'],
    ['a q of 201 characters', `q=${'a'.repeat(201)}`],
    ['a cursor of 2001 characters', `cursor=${'a'.repeat(2001)}`],
  ])('%s', async (_, query) => {
    expect(await first(query)).toMatchObject({ status: 400, body: { code: 'VALIDATION' } });
  });

  test('a cursor that is not one of this list and order', async () => {
    const bySlug = (await first('sort=slug&limit=1')).body.nextCursor;
    const operations = Buffer.from(JSON.stringify(['operations', 'x', 'y'])).toString('base64url');
    const madeUp = (key: string) =>
      Buffer.from(JSON.stringify(['tenants:-createdAt', key, 't_aaaaaaaaaaaa'])).toString('base64url');
    for (const cursor of [
      bySlug,
      operations,
      madeUp('yesterday-ish'),
      madeUp('99999999-01-01'),
      madeUp('\0'),
      madeUp('"; drop table x'),
      'garbage',
      '%F0%9F%98%80',
      Buffer.from('[1,2,3]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      expect(await first(`sort=-createdAt&cursor=${cursor}`), cursor).toMatchObject({
        status: 400,
        body: { code: 'CURSOR_INVALID' },
      });
    }
  });
});

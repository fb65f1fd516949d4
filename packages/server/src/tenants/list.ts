import { sql } from 'kysely';
import type { ListTenants, TenantPage } from '@tenantry/contract';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import type { TenantContext } from './context.ts';
import { filterTenants } from './filter.ts';
import { toTenant } from './rows.ts';

/** Sort keys as SQL text, so that a cursor can carry them without losing a microsecond. */
const sortKeys = {
  createdAt: sql<string>`tenants.created_at`,
  updatedAt: sql<string>`tenants.updated_at`,
  slug: sql<string>`coalesce(tenants.slug, '')`,
  name: sql<string>`tenants.name`,
} as const;

/** A page of tenants. Throws CURSOR_INVALID or VALIDATION. */
export async function listTenants(ctx: TenantContext, input: ListTenants): Promise<TenantPage> {
  const limit = input.limit ?? 50;
  const sort = input.sort ?? '-createdAt';
  const descending = sort.startsWith('-');
  const name = sort.replace('-', '') as keyof typeof sortKeys;
  const key = sortKeys[name];
  const { query } = await filterTenants(ctx, input);

  const count = ctx.control.db
    .selectFrom(query.clearSelect().select('tenants.id').limit(countLimit).as('counted'))
    .select((eb) => eb.fn.countAll<string>().as('total'));

  const direction = descending ? 'desc' : 'asc';
  let page = query
    .select(sql<string>`${key}::text`.as('cursor_key'))
    .orderBy(key, direction)
    .orderBy('tenants.id', direction)
    .limit(limit + 1);
  const list = `tenants:${sort}`;
  if (input.cursor !== undefined) {
    const cursor = decodeCursor(list, input.cursor);
    const value = name === 'slug' || name === 'name' ? sql`${cursor.key}` : sql`${cursor.key}::timestamptz`;
    const operator = descending ? sql`<` : sql`>`;
    page = page.where(sql<boolean>`(${key}, tenants.id) ${operator} (${value}, ${cursor.id})`);
  }
  const [counted, rows] = await Promise.all([
    count.executeTakeFirstOrThrow(),
    readPage(input.cursor, () => page.execute()),
  ]);
  return toPage(rows, limit, Number(counted.total), list, toTenant, (row) => ({
    key: row.cursor_key,
    id: row.id,
  }));
}

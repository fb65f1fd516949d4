import { sql } from 'kysely';
import { tenantStates, type ListTenants, type TenantPage, type TenantState } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { TenantryError } from '../errors.ts';
import { selectTenants, toTenant } from './rows.ts';

/** Sort keys as SQL text, so that a cursor can carry them without losing a microsecond. */
const sortKeys = {
  createdAt: sql<string>`tenants.created_at`,
  updatedAt: sql<string>`tenants.updated_at`,
  slug: sql<string>`coalesce(tenants.slug, '')`,
  name: sql<string>`tenants.name`,
} as const;

/** A page of tenants. Throws CURSOR_INVALID or VALIDATION. */
export async function listTenants(ctx: Context, input: ListTenants): Promise<TenantPage> {
  const limit = input.limit ?? 50;
  const sort = input.sort ?? '-createdAt';
  const descending = sort.startsWith('-');
  const name = sort.replace('-', '') as keyof typeof sortKeys;
  const key = sortKeys[name];
  const query = filtered(ctx, input);

  const counted = await ctx.control.db
    .selectFrom(query.clearSelect().select('tenants.id').limit(countLimit).as('counted'))
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();

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
  const rows = await readPage(input.cursor, () => page.execute());
  return toPage(rows, limit, Number(counted.total), list, toTenant, (row) => ({
    key: row.cursor_key,
    id: row.id,
  }));
}

function filtered(ctx: Context, input: ListTenants) {
  let query = selectTenants(ctx.control.db);
  if (ctx.onlyTenant !== null) query = query.where('tenants.id', '=', ctx.onlyTenant);
  // Deleted tenants are history: they are shown only when asked for.
  if (input.state === undefined) query = query.where('tenants.state', '<>', 'deleted');
  else query = query.where('tenants.state', 'in', statesOf(input.state));
  if (input.plan !== undefined) query = query.where('tenants.plan', '=', input.plan);
  if (input.cell !== undefined) query = query.where('cells.name', '=', input.cell);
  for (const [key, value] of labelsOf(input.label)) {
    query =
      value === undefined
        ? query.where(sql<boolean>`tenants.labels ? ${key}`)
        : query.where(sql<boolean>`tenants.labels @> ${JSON.stringify({ [key]: value })}::jsonb`);
  }
  if (input.q !== undefined && input.q.trim() !== '') {
    const part = `%${input.q
      .trim()
      .replaceAll('\0', '')
      .replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        eb('tenants.slug', 'ilike', part),
        eb('tenants.name', 'ilike', part),
        eb('tenants.id', 'ilike', part),
      ]),
    );
  }
  return query;
}

function statesOf(text: string): TenantState[] {
  return text.split(',').map((state) => {
    if (!(tenantStates as readonly string[]).includes(state)) {
      throw new TenantryError(
        'VALIDATION',
        `There is no tenant state "${state}". Use ${tenantStates.join(', ')}.`,
      );
    }
    return state as TenantState;
  });
}

function labelsOf(text: string | undefined): [key: string, value: string | undefined][] {
  if (text === undefined || text === '') return [];
  if (text.includes('\0')) throw new TenantryError('VALIDATION', 'A label cannot contain NUL.');
  return text.split(',').map((pair) => {
    const at = pair.indexOf(':');
    return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

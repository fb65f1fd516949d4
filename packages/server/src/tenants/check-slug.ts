import type { SlugCheck } from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { checkSlug as expectUsable } from './slug.ts';
import { slugConflict } from './slug-conflict.ts';

/** Room for a number at the end of a suggestion. */
const longest = 58;
const mostTries = 50;

/** Says whether a new tenant may have a slug; if not, why, and a similar one that it may have. */
export async function checkSlug(ctx: Context, slug: string): Promise<SlugCheck> {
  const problem = await problemOf(ctx, slug);
  if (!problem) return { slug, available: true, code: null, reason: null, suggestion: null };
  return {
    slug,
    available: false,
    code: problem.code as SlugCheck['code'],
    reason: problem.message,
    suggestion: await suggest(ctx, slug),
  };
}

/** What the request for a tenant of this slug would be answered with, if it would be refused. */
export async function problemOf(ctx: Context, slug: string): Promise<TenantryError | undefined> {
  try {
    expectUsable(slug);
  } catch (error) {
    if (error instanceof TenantryError) return error;
    throw error;
  }
  const taken = await ctx.control.db
    .selectFrom('tenants')
    .select('id')
    .where('slug', '=', slug)
    .executeTakeFirst();
  return taken && slugConflict(ctx, slug);
}

async function suggest(ctx: Context, slug: string): Promise<string | null> {
  const base = slug
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replace(/-{2,}/g, '-')
    .slice(0, longest)
    .replace(/-+$/, '');
  if (base === '') return null;
  const candidates = [base, ...Array.from({ length: mostTries }, (_, index) => `${base}-${index + 2}`)];
  const usable = candidates.filter(isUsable);
  if (usable.length === 0) return null;
  const taken = await ctx.control.db
    .selectFrom('tenants')
    .select('slug')
    .where('slug', 'in', usable)
    .execute();
  const held = new Set(taken.map((row) => row.slug));
  return usable.find((candidate) => !held.has(candidate)) ?? null;
}

function isUsable(slug: string): boolean {
  try {
    expectUsable(slug);
    return true;
  } catch (error) {
    if (error instanceof TenantryError) return false;
    throw error;
  }
}

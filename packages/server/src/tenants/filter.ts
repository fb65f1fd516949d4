import { sql } from 'kysely';
import { tenantStates, type FilterTenants, type TenantState } from '@tenantry/contract';
import { TenantryError } from '../errors.ts';
import type { TenantContext } from './context.ts';
import { selectTenants } from './rows.ts';

/** The tenants that the caller may see and that a filter leaves. Throws VALIDATION, and the codes of loading migrations. */
export async function filterTenants(ctx: TenantContext, input: FilterTenants) {
  const current = input.behind === undefined ? undefined : (await ctx.migrations.current()).id;
  let query = selectTenants(ctx.control.db);
  if (ctx.onlyTenant !== null) query = query.where('tenants.id', '=', ctx.onlyTenant);
  // Deleted tenants are history: they are shown only when asked for.
  if (input.state === undefined) query = query.where('tenants.state', '<>', 'deleted');
  else query = query.where('tenants.state', 'in', statesOf(input.state));
  if (input.plan !== undefined) query = query.where('tenants.plan', '=', input.plan);
  if (input.cell !== undefined) query = query.where('cells.name', '=', input.cell);
  if (input.version === 'none') query = query.where('tenants.schema_version', 'is', null);
  else if (input.version !== undefined) query = query.where('tenants.schema_version', '=', input.version);
  if (current !== undefined) {
    query = query.where('tenants.migration_set', input.behind === 'true' ? '<>' : '=', current);
  }
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
  // Wrapped, since a query builder that is returned as it is would be awaited, and so run.
  return { query };
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

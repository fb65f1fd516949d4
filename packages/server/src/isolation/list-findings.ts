import { sql } from 'kysely';
import {
  findingSeverities,
  findingStates,
  type FindingPage,
  type FindingSeverity,
  type FindingSort,
  type FindingState,
  type ListFindings,
} from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { countLimit, decodeCursor, readPage, toPage } from '../db/page.ts';
import { TenantryError } from '../errors.ts';
import { findTenantId } from '../tenants/find.ts';
import { selectFindings, toFinding } from './rows.ts';

/** Worst first; a text, since a cursor is one. */
const rank = sql<string>`array_position(ARRAY['critical', 'high', 'medium', 'low'], isolation_findings.severity)::text`;

/** What each order compares. The texts are compared as bytes: the same order on every server, and in the cursor. */
const severityKey = sql<string>`(${rank} || ' ' || isolation_findings.check_id || ' ' || isolation_findings.subject) COLLATE "C"`;
const orders = {
  severity: { key: severityKey, direction: 'asc' },
  lastSeenAt: { key: sql<string>`isolation_findings.last_seen_at`, direction: 'asc' },
  '-lastSeenAt': { key: sql<string>`isolation_findings.last_seen_at`, direction: 'desc' },
  firstSeenAt: { key: sql<string>`isolation_findings.first_seen_at`, direction: 'asc' },
  '-firstSeenAt': { key: sql<string>`isolation_findings.first_seen_at`, direction: 'desc' },
} as const satisfies Record<FindingSort, unknown>;

/** A page of findings; open and accepted ones unless others are asked for. Throws CURSOR_INVALID, VALIDATION. */
export async function listFindings(ctx: Context, input: ListFindings): Promise<FindingPage> {
  const limit = input.limit ?? 50;
  const now = ctx.clock();
  const sort = input.sort ?? 'severity';
  const { key, direction } = orders[sort];
  const tenantId = await findTenantId(ctx, input.tenant);
  const filtered = filter(ctx, input, tenantId, now);
  const counted = await ctx.control.db
    .selectFrom(filtered.clearSelect().select('isolation_findings.id').limit(countLimit).as('counted'))
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  let page = filtered
    .select(sql<string>`(${key})::text`.as('cursor_key'))
    .orderBy(key, direction)
    .orderBy('isolation_findings.id', direction)
    .limit(limit + 1);
  const list = `findings ${sort}`;
  if (input.cursor !== undefined) {
    const { key: last, id } = decodeCursor(list, input.cursor);
    const lastKey = sort === 'severity' ? sql`${last}::text COLLATE "C"` : sql`${last}::timestamptz`;
    const after = direction === 'asc' ? sql`>` : sql`<`;
    page = page.where(sql<boolean>`(${key}, isolation_findings.id) ${after} (${lastKey}, ${id})`);
  }
  const rows = await readPage(input.cursor, () => page.execute());
  return toPage(
    rows,
    limit,
    Number(counted.total),
    list,
    (row) => toFinding(row, now),
    (row) => ({ key: row.cursor_key, id: row.id }),
  );
}

function filter(ctx: Context, input: ListFindings, tenantId: string | undefined, now: Date) {
  let query = selectFindings(ctx.control.db);
  const states = valuesOf('state', input.state, findingStates) ?? (['open', 'accepted'] as const);
  // An acceptance that has ended is one no more, whether somebody has noted it or not.
  const state = sql<FindingState>`CASE WHEN isolation_findings.state = 'accepted' AND accepted_until <= ${now}
    THEN 'open' ELSE isolation_findings.state END`;
  query = query.where(state, 'in', states);
  const severities: readonly FindingSeverity[] | undefined = valuesOf(
    'severity',
    input.severity,
    findingSeverities,
  );
  if (severities !== undefined) query = query.where('isolation_findings.severity', 'in', severities);
  if (input.check !== undefined) {
    query = input.check.endsWith('*')
      ? query.where(sql<boolean>`starts_with(check_id, ${input.check.slice(0, -1)})`)
      : query.where('check_id', '=', input.check);
  }
  if (tenantId !== undefined) query = query.where('isolation_findings.tenant_id', '=', tenantId);
  if (input.cell !== undefined) query = query.where('cells.name', '=', input.cell);
  if (input.q !== undefined && input.q !== '') {
    const q = input.q.toLowerCase();
    query = query.where(
      sql<boolean>`strpos(lower(subject || ' ' || message || ' ' || coalesce(tenants.slug, '')), ${q}) > 0`,
    );
  }
  return query;
}

function valuesOf<const T extends readonly string[]>(
  what: string,
  text: string | undefined,
  known: T,
): readonly T[number][] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((value) => {
    if (!known.includes(value))
      throw new TenantryError('VALIDATION', `There is no ${what} "${value}". Use ${known.join(', ')}.`);
    return value;
  });
}

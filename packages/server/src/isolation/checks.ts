import { sql } from 'kysely';
import type {
  CheckState,
  IsolationCheck,
  IsolationCheckDetail,
  IsolationCheckList,
  IsolationControl,
  IsolationPart,
  ListIsolationChecks,
} from '@tenantry/contract';
import type { Context } from '../db/context.ts';
import { TenantryError } from '../errors.ts';
import { catalogue, entryOf, lateCheck, type CatalogueEntry } from './catalogue.ts';
import { listFindings } from './list-findings.ts';

/** How checks stand, from their findings and from when their part last came to an end. */
interface Facts {
  readonly findings: ReadonlyMap<
    string,
    { readonly open: number; readonly accepted: number; readonly tenants: readonly string[] }
  >;
  readonly lastRun: ReadonlyMap<IsolationPart, Date>;
}

/** Every check with how it stands, and the controls that they are evidence for. */
export async function listIsolationChecks(
  ctx: Context,
  input: ListIsolationChecks,
): Promise<IsolationCheckList> {
  const now = ctx.clock();
  const facts = await readFacts(ctx, now);
  const wanted = catalogue
    .filter((entry) => input.part === undefined || entry.part === input.part)
    .filter((entry) => input.control === undefined || entry.controls.some((ref) => fits(ref, input.control!)))
    .map((entry) => checkOf(entry, facts));
  const items = wanted.filter(({ state }) => input.state === undefined || state === input.state);
  const refs = [...new Set(items.flatMap(({ controls }) => controls))]
    .filter((ref) => input.control === undefined || fits(ref, input.control))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return {
    items,
    controls: refs.map((ref) => controlOf(ref, wanted, facts)),
    asOf: now.toISOString(),
  };
}

/** A check with its SQL and what it finds now. Throws CHECK_NOT_FOUND. */
export async function getIsolationCheck(ctx: Context, id: string): Promise<IsolationCheckDetail> {
  const entry = entryOf(id);
  if (!entry) throw new TenantryError('CHECK_NOT_FOUND');
  const [facts, findings] = await Promise.all([
    readFacts(ctx, ctx.clock()),
    listFindings(ctx, { check: id, limit: 100 }),
  ]);
  const { sql: text, remediation } = entry;
  return { ...checkOf(entry, facts), sql: text, remediation, findings: findings.items };
}

function fits(ref: string, wanted: string): boolean {
  return ref === wanted || ref.startsWith(`${wanted}:`);
}

async function readFacts(ctx: Context, now: Date): Promise<Facts> {
  const [counted, runs] = await Promise.all([
    sql<{ check_id: string; open: number; accepted: number; tenants: string[] | null }>`
      SELECT check_id, count(*) FILTER (WHERE is_open)::int AS open, count(*) FILTER (WHERE NOT is_open)::int AS accepted,
             array_agg(DISTINCT tenant_id) FILTER (WHERE is_open AND tenant_id IS NOT NULL) AS tenants
        FROM (SELECT *, NOT (state = 'accepted' AND accepted_until > ${now}) AS is_open
                FROM tenantry.isolation_findings WHERE state <> 'resolved') f
       GROUP BY check_id`.execute(ctx.control.db),
    ctx.control.db
      .selectFrom('isolation_results')
      .select((eb) => ['part', eb.fn.max('finished_at').as('at')])
      .where('state', '=', 'succeeded')
      .groupBy('part')
      .execute(),
  ]);
  return {
    findings: new Map(
      counted.rows.map(({ check_id, open, accepted, tenants }) => [
        check_id,
        { open, accepted, tenants: tenants ?? [] },
      ]),
    ),
    lastRun: new Map(runs.map(({ part, at }) => [part, at])),
  };
}

function checkOf(entry: CatalogueEntry, facts: Facts): IsolationCheck {
  const found = facts.findings.get(entry.id);
  // The clock watches for late runs, whether or not anything has run.
  const lastRun = entry.id === lateCheck ? new Date() : facts.lastRun.get(entry.part);
  const [open, accepted] = [found?.open ?? 0, found?.accepted ?? 0];
  return {
    id: entry.id,
    title: entry.title,
    proves: entry.proves,
    severity: entry.severity,
    family: entry.family,
    part: entry.part,
    controls: [...entry.controls],
    state: open > 0 ? 'failed' : accepted > 0 ? 'accepted' : lastRun === undefined ? 'unknown' : 'passed',
    lastRunAt: lastRun?.toISOString() ?? null,
    openFindings: open,
    acceptedFindings: accepted,
    failingTenants: found?.tenants.length ?? 0,
  };
}

const worstFirst: readonly CheckState[] = ['failed', 'unknown', 'accepted', 'passed'];

function controlOf(ref: string, checks: readonly IsolationCheck[], { findings }: Facts): IsolationControl {
  const own = checks.filter(({ controls }) => controls.includes(ref));
  const at = ref.indexOf(':');
  const tenants = new Set(own.flatMap(({ id }) => findings.get(id)?.tenants ?? []));
  return {
    ref,
    framework: ref.slice(0, at),
    clause: ref.slice(at + 1),
    state: worstFirst.find((state) => own.some((check) => check.state === state)) ?? 'unknown',
    checks: own.map(({ id }) => id),
    openFindings: own.reduce((sum, { openFindings }) => sum + openFindings, 0),
    failingTenants: tenants.size,
  };
}

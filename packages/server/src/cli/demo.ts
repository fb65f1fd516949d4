import { ApiError, type Operation, type Tenant } from '@tenantry/contract';
import type { Command } from 'commander';
import { timeoutOption, wholeNumber } from './arguments.ts';
import { demoCompanies, type DemoCompany } from './companies.ts';
import { loadData } from './demo-data.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { startProgress } from './progress.ts';
import type { Cli, Session } from './session.ts';
import { formatMs } from './time.ts';
import { succeeded, waitSignal } from './wait.ts';
import { isFinished, watchOperation } from './watch.ts';

interface DemoFlags {
  readonly tenants: number;
  readonly data: number;
  readonly timeout: number;
}

interface Outcome {
  readonly tenant: Tenant;
  /** Milliseconds that provisioning took; null for one that was there already. */
  readonly ms: number | null;
}

// As many as a control plane runs at once by default; more would only queue there.
const parallel = 4;

/** `tenantry demo`: a believable fleet to look at. */
export function demoCommand(program: Command, cli: Cli): void {
  timeoutOption(
    program
      .command('demo')
      .description('provision tenants with believable names, load data into some, suspend one, archive one')
      .option('--tenants <number>', 'how many', wholeNumber('--tenants', 1, 1000), 25)
      .option('--data <number>', 'how many of them get data', wholeNumber('--data', 0, 1000), 5),
  )
    .addHelpText(
      'after',
      `
Running it again makes what is missing and leaves the rest alone. Data is loaded on the machine of the control plane only:
the API has no door for SQL.

Example:
  tenantry demo --tenants 100 --data 10`,
    )
    .action((flags: DemoFlags) => cli.connected((session) => demo(session, flags)));
}

async function demo(session: Session, flags: DemoFlags): Promise<ExitCode> {
  const { out } = session;
  const begin = Date.now();
  const outcomes = await provisionAll(session, demoCompanies(flags.tenants), flags.timeout);
  const elapsed = Date.now() - begin;
  const fleet = outcomes.map(({ tenant }) => tenant).filter(({ labels }) => labels['demo'] === 'true');
  const data = await loadData(session, fleet.slice(0, flags.data));
  const suspended = await move(session, fleet, 'suspended', flags.data);
  const archived = await move(session, fleet, 'archived', flags.data + 1);
  const times = outcomes.flatMap(({ ms }) => (ms === null ? [] : [ms])).toSorted((a, b) => a - b);
  const median = times.length === 0 ? null : times[Math.floor(times.length / 2)]!;
  if (out.json) {
    const tenants = outcomes.map(({ tenant, ms }) => ({
      id: tenant.id,
      slug: tenant.slug,
      created: ms !== null,
      ms,
    }));
    out.document({
      created: times.length,
      existing: outcomes.length - times.length,
      ms: elapsed,
      median,
      data,
      suspended,
      archived,
      tenants,
    });
    return exitCodes.ok;
  }
  const there = outcomes.length - times.length;
  out.print(
    `provisioned  ${times.length} tenants in ${formatMs(elapsed)}${median === null ? '' : `, the middle one in ${formatMs(median)}`}`,
  );
  if (there > 0) out.print(`existing     ${there} were there already and were left alone`);
  out.print(
    `data         ${data.loaded.length + data.before.length} tenants have data${data.reason === null ? '' : `; ${data.reason}`}`,
  );
  out.print(`suspended    ${suspended ?? '-'}`);
  out.print(`archived     ${archived ?? '-'}`);
  out.note(whatToLookAt(fleet, suspended));
  return exitCodes.ok;
}

function whatToLookAt(fleet: readonly Tenant[], suspended: string | null): string {
  const commands: readonly (readonly [string, string])[] = [
    ['tenantry tenant list --label demo=true', 'the fleet'],
    ['tenantry tenant list --label region=eu --plan enterprise', 'a part of it'],
    [`tenantry tenant get ${fleet[0]?.slug ?? '<slug>'}`, 'one tenant: its schema and its version'],
    ...(suspended === null
      ? []
      : [[`tenantry tenant resume ${suspended}`, 'bring the suspended one back'] as const]),
    ['tenantry operation list', 'what each took, step by step'],
    ['tenantry audit list', 'who did it'],
    ['tenantry audit verify', 'that nobody changed the record'],
  ];
  const width = Math.max(...commands.map(([command]) => command.length));
  return `\nWhat to look at:\n${commands.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join('\n')}`;
}

async function provisionAll(
  session: Session,
  companies: readonly DemoCompany[],
  timeout: number,
): Promise<readonly Outcome[]> {
  const progress = startProgress(session.out, session.host.stderr);
  const outcomes: Outcome[] = [];
  const waiting = companies.entries();
  let failed = false;
  const worker = async () => {
    for (const [at, company] of waiting) {
      if (failed) return;
      outcomes[at] = await provision(session, company, timeout).catch((error: unknown) => {
        // One that fails is the migrations' fault more often than its own: the others would fail alike.
        failed = true;
        throw error;
      });
      progress.show(
        `Provisioning: ${outcomes.filter(Boolean).length} of ${companies.length}, ${company.name}`,
      );
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, worker));
  } finally {
    progress.stop();
  }
  return outcomes;
}

async function provision(session: Session, company: DemoCompany, timeout: number): Promise<Outcome> {
  const { client } = session;
  const { slug, name, plan, labels } = company;
  try {
    const started = await client.call('createTenant', { body: { slug, name, plan, labels: { ...labels } } });
    const operation = await finish(session, started.operation, timeout);
    const tenant = await client.call('getTenant', { params: { tenant: operation.tenantId ?? slug } });
    return { tenant, ms: operation.ms ?? 0 };
  } catch (error) {
    const there = error instanceof ApiError && ['SLUG_TAKEN', 'SLUG_RETIRED'].includes(error.problem.code);
    if (!there) throw error;
    return { tenant: await client.call('getTenant', { params: { tenant: slug } }), ms: null };
  }
}

async function finish(session: Session, started: Operation, timeout: number): Promise<Operation> {
  if (isFinished(started)) return succeeded(started);
  let last = started;
  const signal = waitSignal(session, started.id, timeout);
  for await (const operation of watchOperation(session.client, started.id, { signal })) last = operation;
  return succeeded(last);
}

/** Suspends or archives one tenant of the fleet, unless one is so already. Gives its slug. */
async function move(
  { client }: Session,
  fleet: readonly Tenant[],
  state: 'suspended' | 'archived',
  at: number,
): Promise<string | null> {
  const already = fleet.find((tenant) => tenant.state === state);
  if (already) return already.slug;
  // One without data if there are such, so that what was loaded can be looked at.
  const tenant = fleet[at];
  if (tenant?.state !== 'active') return null;
  const endpoint = state === 'suspended' ? 'suspendTenant' : 'archiveTenant';
  const reason = state === 'suspended' ? 'demo: the invoice is unpaid' : 'demo: the contract ended';
  const moved = await client.call(endpoint, { params: { tenant: tenant.id }, body: { reason } });
  return moved.slug;
}

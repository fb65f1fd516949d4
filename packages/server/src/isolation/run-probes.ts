import {
  attackCell,
  attackHttp,
  controlPlaneSpec,
  findingOfAttack,
  findingOfControl,
  type AttackResult,
  type ControlResult,
} from '@tenantry/isolation';
import type { RunAttack } from '@tenantry/contract';
import type { Cell } from '../db/cells/registry.ts';
import type { StepContext } from '../operations/definition.ts';
import type { PartOutcome } from './part-outcome.ts';
import { isolationPassHeader, type IsolationContext } from './context.ts';
import { plantHttpCanaries, removeHttpCanaries } from './http-canaries.ts';
import { readRegistry } from './registry.ts';
import type { RunInput } from './run-input.ts';
import { fingerprintOfServer } from './server.ts';
import { totalsOf } from './totals.ts';

/** How often watchers are told how far the attacks are, in milliseconds. */
const reportEveryMs = 500;

/**
 * Attacks of one canary tenant on another over every lane of a cell, and on the positive controls. The canaries are made for the run and
 * removed with it, whatever happens; no other tenant's rows are read.
 */
export async function runProbes(context: StepContext, cell: Cell): Promise<PartOutcome> {
  const { ctx, signal } = context;
  const server = await fingerprintOfServer(cell);
  const { lanes } = await readRegistry(ctx.control.db, cell.id);
  const progress = new Progress(context, cell.name);
  const leased = lanes.includes('leased');
  const { attacks, controls, notes } = await attackCell({
    control: cell.clientConfig('tenantry isolation'),
    ...(leased ? { credentialKey: ctx.cells.credentialKey } : {}),
    ...(leased ? {} : { targets: ['login', 'sealed', 'search_path', 'set role'] }),
    signal,
    onResult: (result) => progress.add(result),
  });
  signal.throwIfAborted();
  const overHttp = await attackOwnApi(context, cell, (result) => progress.add(result));
  await progress.end();
  signal.throwIfAborted();
  return outcomeOf(server, [...attacks, ...overHttp], controls, notes);
}

/**
 * Attacks of one canary's key on another over the API of this control plane, which is looked at with the default cell: nothing of the API is
 * another cell's. The canaries are rows of the registry, and go with the run.
 */
async function attackOwnApi(
  { ctx, operation, signal }: StepContext,
  cell: Cell,
  onResult: (result: AttackResult) => void,
): Promise<readonly AttackResult[]> {
  const { apiUrl, apiPass } = (ctx as IsolationContext).isolation;
  const url = apiUrl();
  const { is_default: isDefault } = await ctx.control.db
    .selectFrom('cells')
    .select('is_default')
    .where('id', '=', cell.id)
    .executeTakeFirstOrThrow();
  if (url === undefined || !isDefault) return [];
  const { run } = operation.input as unknown as RunInput;
  const { tenants, refused } = await plantHttpCanaries(ctx, cell.id, run);
  try {
    const headers = { [isolationPassHeader]: apiPass };
    const spec = { ...controlPlaneSpec({ url, tenants, refused }), headers };
    return await attackHttp({ spec, signal, onResult });
  } finally {
    await removeHttpCanaries(ctx.control.db, run);
  }
}

function outcomeOf(
  server: PartOutcome['server'],
  attacks: readonly AttackResult[],
  controls: readonly ControlResult[],
  notes: readonly string[],
): PartOutcome {
  // What was skipped has not been tried: a finding of it stays as it was.
  const tried = new Set(
    attacks.flatMap(({ attack, target, verdict }) =>
      verdict === 'skipped' ? [] : [subjectOf(attack, target)],
    ),
  );
  const controlled = new Set(controls.map(({ control }) => `control ${control}`));
  return {
    server,
    findings: [...attacks.flatMap(findingOfAttack), ...controls.flatMap(findingOfControl)],
    covers: ({ subject }) => tried.has(subject) || controlled.has(subject),
    tenants: 2,
    notes,
    attacks: totalsOf(attacks, controls),
    faults: null,
    detail: {
      attacks: attacks.map(toRunAttack),
      controls: controls.map((each) => ({ ...each, missed: [...each.missed] })),
    },
  };
}

function subjectOf(attack: string, target: string): string {
  return `${attack} over ${target}`;
}

function toRunAttack(result: AttackResult): Omit<RunAttack, 'cell'> {
  const { attack, title, family, level, target, kind, verdict, expected, state, message, steps, residual } =
    result;
  return {
    attack,
    title,
    family,
    level,
    target,
    kind: family === 'http' ? 'http' : kind,
    verdict,
    expected: [...expected],
    actual: state,
    message,
    steps: [...steps],
    residual,
    ms: result.tookMs,
  };
}

/** Tells watchers how far the attacks are, now and then, one message after the other. */
class Progress {
  readonly #context: StepContext;
  readonly #cell: string;
  readonly #counts = { attacks: 0, refused: 0, succeeded: 0 };
  #last = 0;
  #telling: Promise<void> = Promise.resolve();

  constructor(context: StepContext, cell: string) {
    this.#context = context;
    this.#cell = cell;
  }

  add({ kind, verdict }: AttackResult): void {
    this.#counts.attacks += 1;
    if (kind !== 'control' && verdict === 'held') this.#counts.refused += 1;
    if (kind !== 'control' && verdict === 'hit') this.#counts.succeeded += 1;
    if (performance.now() - this.#last < reportEveryMs) return;
    this.#last = performance.now();
    const detail = { cell: this.#cell, ...this.#counts };
    // What cannot be told is met again by the end of the step, which writes to the same rows.
    this.#telling = this.#telling.then(() => this.#context.report(detail)).catch(() => undefined);
  }

  end(): Promise<void> {
    return this.#telling;
  }
}

import type { AttackPair } from '../canaries.ts';
import { CanaryDetector } from './answer.ts';
import { attempt, handOverAttempt, type Outcome } from './attempt.ts';
import { allowed, type Attack } from './attack.ts';
import { attacks as catalogue } from './catalogue/index.ts';
import { intact } from './catalogue/write.ts';
import { stateOfVictim } from './intact.ts';
import type { AttackResult, ControlResult, Verdict } from './result.ts';
import type { AttackTarget, HandOver } from './target.ts';
import { Victim } from './victim.ts';
import { fill } from './world.ts';

export interface RunAttacksOptions {
  /** Default: the whole catalogue. */
  readonly attacks?: readonly Attack[];
  /** Told of each result, as it comes. */
  readonly onResult?: (result: AttackResult) => void;
  /** Begins no further attack. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs attacks of `a` on `b` over one target: those that can run beside each other first, then one by one those that cannot, then
 * what is left behind on connections that change tenant. Ends by looking whether the victim still has all that it had.
 * Rejects where the target cannot be reached at all.
 *
 * ```ts
 * const results = await runAttacks(laneTarget(pair, 'sealed', 0), pair);
 * results.filter(({ verdict }) => verdict === 'hit'); // []
 * ```
 */
export async function runAttacks(
  target: AttackTarget,
  pair: AttackPair,
  { attacks = catalogue, onResult = () => {}, signal }: RunAttacksOptions = {},
): Promise<readonly AttackResult[]> {
  const results: AttackResult[] = [];
  const add = (result: AttackResult): void => {
    results.push(result);
    onResult(result);
  };
  const detector = new CanaryDetector(pair.b.canary);
  const victim = await Victim.on(target, pair);
  const before = await stateOfVictim(victim, target, pair);
  const goOn = (): boolean => signal?.aborted !== true;
  const single = async (attack: Attack): Promise<void> => {
    const lacking = lackingFor(attack, target, pair);
    if (lacking !== undefined) return add(skipped(attack, target, lacking));
    const outcome = await untilAnswered(attack, () => attempt({ attack, target, pair, victim, detector }));
    add(judge(attack, target, pair, outcome));
  };
  try {
    const here = attacks.filter(({ level }) => level !== 'poison' && level !== 'http');
    await inParallel(
      target.concurrency,
      here.filter(({ alone }) => alone !== true),
      single,
      goOn,
    );
    await inParallel(
      1,
      here.filter(({ alone }) => alone === true),
      single,
      goOn,
    );
    const left = attacks.filter(({ level }) => level === 'poison');
    if (left.length > 0) await leaveBehind(left, target, pair, add, goOn);
    if (target.kind !== 'control' && goOn())
      add(intactResult(target, before, await stateOfVictim(victim, target, pair)));
  } finally {
    await victim.close();
  }
  return results;
}

/** Why an attack has nothing here that it could attack; undefined where it has. */
function lackingFor(
  { needs = [], steps }: Attack,
  { provides }: AttackTarget,
  { largeObject }: AttackPair,
): string | undefined {
  const lacking = needs.filter((need) => !provides.has(need));
  if (lacking.length > 0) return `A tenant has no ${lacking.join(', ')} of its own here.`;
  const asksForObject = steps.some((step) => typeof step === 'string' && step.includes('{lo}'));
  return asksForObject && largeObject === undefined ? 'The victim has no large object.' : undefined;
}

/** How many of a control's attacks succeeded that have to. */
export function judgeControl(
  target: AttackTarget,
  results: readonly AttackResult[],
  attacks: readonly Attack[] = catalogue,
): ControlResult {
  const { control } = target;
  if (control === undefined) throw new RangeError(`${target.name} is not a control.`);
  const expected = attacks.filter(({ hits }) => hits.includes(control));
  const hit = new Set(results.flatMap(({ attack, verdict }) => (verdict === 'hit' ? [attack] : [])));
  const missed = expected.flatMap(({ id }) => (hit.has(id) ? [] : [id]));
  return {
    control,
    expected: expected.length,
    hit: expected.length - missed.length,
    missed,
    ok: missed.length === 0 && expected.length > 0,
  };
}

async function leaveBehind(
  attacks: readonly Attack[],
  target: AttackTarget,
  pair: AttackPair,
  add: (result: AttackResult) => void,
  goOn: () => boolean,
): Promise<void> {
  if (target.handOver === undefined) {
    for (const attack of attacks) add(skipped(attack, target, 'Its connections never change tenant.'));
    return;
  }
  const detector = new CanaryDetector(pair.a.canary);
  let line: HandOver | undefined;
  const begin = async (): Promise<HandOver> => (line ??= await target.handOver!());
  const end = async (): Promise<void> => {
    await line?.close();
    line = undefined;
  };
  try {
    for (const attack of attacks) {
      if (!goOn()) return;
      const tryOnce = async () => handOverAttempt(attack, await begin(), pair, detector);
      add(judge(attack, target, pair, await untilAnswered(attack, tryOnce, end)));
      // What a connection is left with would be the next attack's.
      if (target.kind === 'control') await end();
    }
  } finally {
    await end();
  }
}

/** What somebody else has ended is no answer to an attack: a slot that an earlier one spoiled is mended, and its sessions with it. */
const interrupted: readonly string[] = [
  '57P01',
  '08006',
  'TENANCY_CONNECTION_LOST',
  'TENANCY_LANE_VIOLATION',
];
/** How often an attack is tried that was not answered. */
const mostTries = 3;

/** Tries again where the connection ended before there was an answer; `between` two tries a new one is made. */
async function untilAnswered(
  { expected }: Attack,
  tryOnce: () => Promise<Outcome>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await tryOnce();
    const answered = !interrupted.includes(outcome.state) || expected.includes(outcome.state);
    if (answered || outcome.leaked || tries === mostTries) return outcome;
    await between();
  }
}

function judge(attack: Attack, target: AttackTarget, pair: AttackPair, outcome: Outcome): AttackResult {
  const verdict = verdictOf(attack, outcome);
  return {
    ...about(attack, target),
    verdict,
    state: outcome.state,
    message: verdict === 'held' || verdict === 'residual' ? null : withoutCanaries(outcome.message, pair),
    steps: attack.steps.map((step) => describeStep(step, pair, outcome.pid)),
    tookMs: outcome.tookMs,
  };
}

function verdictOf({ expected, residual, level }: Attack, { state, leaked, differs }: Outcome): Verdict {
  if (leaked) return 'hit';
  if (differs) return residual === undefined ? 'hit' : 'residual';
  if (expected.includes(state))
    return residual !== undefined && state === allowed && level !== 'poison' ? 'residual' : 'held';
  return state === allowed ? 'hit' : 'unexpected';
}

function about(attack: Attack, target: AttackTarget) {
  const { id, family, level, title, expected, residual = null } = attack;
  return {
    attack: id,
    family,
    level,
    title,
    target: target.name,
    kind: target.kind,
    expected,
    residual,
  } as const;
}

function skipped(attack: Attack, target: AttackTarget, message: string): AttackResult {
  return { ...about(attack, target), verdict: 'skipped', state: null, message, steps: [], tookMs: 0 };
}

function intactResult(target: AttackTarget, before: string, after: string): AttackResult {
  const held = before === after;
  const attack: Attack = { ...intact, family: 'write', level: 'L2', steps: [], hits: [] };
  return {
    ...about(attack, target),
    verdict: held ? 'held' : 'hit',
    state: allowed,
    message: held ? null : `Before: ${before}. After: ${after}.`,
    steps: [],
    tookMs: 0,
  };
}

function describeStep(step: Attack['steps'][number], pair: AttackPair, pid: number): string {
  if (typeof step === 'string') return fill(step, pair, pid);
  return 'victim' in step ? `(the victim) ${fill(step.victim, pair, pid)}` : '(a new connection)';
}

/** Our own canaries, but a report is no place for them: whoever finds one in it would think of a leak. */
function withoutCanaries(message: string | undefined, { a, b }: AttackPair): string | null {
  return (
    message
      ?.replaceAll(a.canary, '‹its own canary›')
      .replaceAll(b.canary, '‹the victim’s canary›')
      .slice(0, 500) ?? null
  );
}

async function inParallel(
  lanes: number,
  attacks: readonly Attack[],
  run: (attack: Attack) => Promise<void>,
  goOn: () => boolean,
): Promise<void> {
  const rest = [...attacks];
  const worker = async (): Promise<void> => {
    for (let attack = rest.shift(); attack !== undefined && goOn(); attack = rest.shift()) await run(attack);
  };
  await Promise.all(Array.from({ length: lanes }, worker));
}

import { isTenancyError, sqlStateFrom } from './errors.ts';
import type { AttackPair } from '../canaries.ts';
import { textOfAnswer, textOfError, type CanaryDetector } from './answer.ts';
import { allowed, type Attack, type AttackLevel } from './attack.ts';
import type { AttackTarget, HandOver, Session } from './target.ts';
import type { Victim } from './victim.ts';
import { fill } from './world.ts';

/** What came of the statements of an attack. */
export interface Outcome {
  readonly state: string;
  /** Something of the victim came back. */
  readonly leaked: boolean;
  /** Of a poison: the next tenant noticed. */
  readonly differs: boolean;
  /** All that came back. */
  readonly message: string | undefined;
  readonly pid: number;
  readonly tookMs: number;
}

export interface Attempt {
  readonly attack: Attack;
  readonly target: AttackTarget;
  readonly pair: AttackPair;
  readonly victim: Victim;
  readonly detector: CanaryDetector;
}

/** Runs the steps of an attack until one is refused. Never rejects for what an attack brings about. */
export async function attempt({ attack, target, pair, victim, detector }: Attempt): Promise<Outcome> {
  const started = performance.now();
  const { pid } = await victim.session();
  let session: Session | undefined;
  const steps = new Steps(attack, pid);
  try {
    for (const step of attack.steps) {
      if (typeof step === 'string') {
        session ??= await target.open('a');
        steps.take(await session.query(fill(step, pair, pid), levelOf(attack)));
      } else if ('victim' in step) await (await victim.session()).query(fill(step.victim, pair, pid), 'L2');
      else {
        await session?.release();
        session = undefined;
      }
    }
  } catch (error) {
    steps.refuse(error);
  } finally {
    await session?.release();
    if (attack.cleanup !== undefined && steps.state === allowed) await cleanUp(attack, target, pair, pid);
  }
  return steps.outcome(detector, started);
}

/** What an injected SELECT leaves is for the application's own next statement in the same session. */
function levelOf({ level, steps }: Attack): AttackLevel {
  return level === 'L1' && steps.length > 1 ? 'L2' : level;
}

/**
 * Leaves something behind on a connection and looks, as the next tenant, whether it is there: the same query has to give what it
 * gave before.
 */
export async function handOverAttempt(
  attack: Attack,
  line: HandOver,
  pair: AttackPair,
  detector: CanaryDetector,
): Promise<Outcome> {
  const started = performance.now();
  const steps = new Steps(attack, 0);
  const fresh = await look(attack, line, pair);
  const attacker = await line.as('a');
  try {
    for (const step of attack.steps) {
      if (typeof step === 'string')
        await attacker.query(fill(step, pair, 0), 'L2').then((answer) => steps.take(answer, true));
    }
  } catch (error) {
    steps.refuse(error);
  } finally {
    await attacker.release();
  }
  const after = await look(attack, line, pair);
  if (after !== fresh) steps.differ(`A fresh connection answers ${fresh}; this one ${after}.`);
  if (detector.isIn(after)) steps.leak('The attacker’s rows reached the next tenant.');
  return steps.outcome(detector, started);
}

async function look({ look: sql }: Attack, line: HandOver, pair: AttackPair): Promise<string> {
  const next = await line.as('b');
  try {
    return textOfAnswer(await next.query(fill(sql!, pair, 0), 'L1'));
  } catch (error) {
    return `${sqlStateFrom(error)} ${textOfError(error)}`;
  } finally {
    await next.release();
  }
}

async function cleanUp(
  { cleanup = [] }: Attack,
  target: AttackTarget,
  pair: AttackPair,
  pid: number,
): Promise<void> {
  const session = await target.open('a');
  try {
    for (const sql of cleanup) await session.query(fill(sql, pair, pid), 'L2');
  } catch {
    // The roles of the run are removed with it.
  } finally {
    await session.release();
  }
}

/** What the steps of one attack have come to so far. */
class Steps {
  readonly #attack: Attack;
  readonly #pid: number;
  readonly #seen: string[] = [];
  #warning: string | undefined;
  #differs: string | undefined;
  #leaked = false;
  #refused: string | undefined;

  constructor(attack: Attack, pid: number) {
    this.#attack = attack;
    this.#pid = pid;
  }

  get state(): string {
    return this.#refused ?? this.#warning ?? allowed;
  }

  /** `own`: the attacker's own rows, which a poison may read. */
  take(answer: Parameters<typeof textOfAnswer>[0], own = false): void {
    // PostgreSQL warns that it has granted or revoked nothing, and calls it a success.
    this.#warning ??= answer.heard.find(({ code }) => code === '01007' || code === '01006')?.code;
    if (!own) this.#seen.push(textOfAnswer(answer));
  }

  refuse(error: unknown): void {
    this.#refused = sqlStateFrom(error) ?? (isTenancyError(error) ? error.code : 'UNKNOWN');
    this.#seen.push(textOfError(error));
  }

  leak(what: string): void {
    this.#leaked = true;
    this.#differs = what;
  }

  differ(what: string): void {
    this.#differs ??= what;
  }

  outcome(detector: CanaryDetector, started: number): Outcome {
    const text = this.#seen.join('\n');
    const leaked =
      this.#leaked || detector.isIn(text) || (this.#attack.leaks ?? []).some((leak) => text.includes(leak));
    return {
      state: this.state,
      leaked,
      differs: this.#differs !== undefined,
      message: this.#differs ?? (text === '' ? undefined : text),
      pid: this.#pid,
      tookMs: Math.round((performance.now() - started) * 10) / 10,
    };
  }
}

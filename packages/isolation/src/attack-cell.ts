import { brokerRole, deriveCredential, isTenancyError } from '@tenantry/tenancy';
import pg from 'pg';
import {
  attacks as catalogue,
  controlTarget,
  judgeControl,
  laneTarget,
  loginTarget,
  runAttacks,
  type Attack,
  type AttackResult,
  type AttackTarget,
  type ControlName,
  type ControlResult,
  type LaneChoice,
} from './attacks/index.ts';
import { plantCanaries, type AttackPair, type CanaryPair, type Swept } from './canaries.ts';
import { IsolationError } from './isolation-error.ts';

/** What can be attacked: the bare login, the lanes of the library, and the controls. */
export type TargetName = 'login' | LaneChoice | ControlName;

/** All of them, in the order of the table. */
export const targetNames: readonly TargetName[] = [
  'login',
  'sealed',
  'leased',
  'auto',
  'search_path',
  'set role',
];

export interface AttackCellOptions {
  /** Where, and as the control role. */
  readonly control: pg.ClientConfig;
  /** The cell's credential key. Without it there is nobody who can use its slots: `leased` and `auto` are left out. */
  readonly credentialKey?: Uint8Array | undefined;
  /** Default: all. The controls are part of every run that ought to prove something. */
  readonly targets?: readonly TargetName[] | undefined;
  /** Default: the whole catalogue. */
  readonly attacks?: readonly Attack[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: (result: AttackResult) => void;
}

/** What {@link attackCell} gives. */
export interface AttackedCell {
  readonly attacks: readonly AttackResult[];
  readonly controls: readonly ControlResult[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * Attacks a Tenantry cell: makes two canary tenants, lets one attack the other over every target, and removes both, whatever
 * happens. Rejects with ISOLATION_CREDENTIAL_KEY where the key is not the cell's, and with PostgreSQL's errors.
 *
 * ```ts
 * const { attacks, controls } = await attackCell({ control: { connectionString }, credentialKey });
 * ```
 */
export async function attackCell(options: AttackCellOptions): Promise<AttackedCell> {
  const { attacks = catalogue, signal, onResult } = options;
  const pair = await plantCanaries(options);
  const results: AttackResult[] = [];
  const controls: ControlResult[] = [];
  const notes = pair.swept.map(noteOf);
  try {
    const { targets, left } = await targetsOf(pair, options);
    notes.push(...left);
    for (const make of targets) {
      if (signal?.aborted) break;
      const target = make();
      try {
        const own = await attackTarget(target, pair, {
          attacks,
          signal,
          ...(onResult === undefined ? {} : { onResult }),
        });
        results.push(...own);
        if (target.control !== undefined && !signal?.aborted)
          controls.push(judgeControl(target, own, attacks));
      } finally {
        await target.close();
      }
    }
  } finally {
    await pair.remove();
  }
  return { attacks: results, controls, notes };
}

/** What a report says of the ruins of a run. */
export function noteOf({ run, roles, failure }: Swept): string {
  const what = `What run ${run} had left`;
  if (failure === null) return `${what} was removed: ${roles.join(', ')}.`;
  return `${what} could not be removed: ${failure}. Drop what hangs on these roles, and run again: ${roles.join(', ')}.`;
}

/** Attacks over one target; a way that cannot be opened is not one that held. */
export async function attackTarget(
  target: AttackTarget,
  pair: AttackPair,
  options: Parameters<typeof runAttacks>[2],
): Promise<readonly AttackResult[]> {
  const started = performance.now();
  const session = await target.open('a');
  try {
    await session.query('SELECT 1', 'L1');
  } catch (error) {
    if (!isTenancyError(error)) throw error;
    const unopened: AttackResult = {
      attack: 'lease.open',
      family: 'lease',
      level: 'L2',
      title: 'opening a session of its own',
      target: target.name,
      kind: target.kind,
      verdict: 'unexpected',
      state: error.code,
      expected: ['00000'],
      message: error.message,
      steps: [],
      residual: null,
      tookMs: Math.round(performance.now() - started),
    };
    options?.onResult?.(unopened);
    return [unopened];
  } finally {
    await session.release();
  }
  return runAttacks(target, pair, options);
}

async function targetsOf(
  pair: CanaryPair,
  { control, credentialKey, targets = targetNames }: AttackCellOptions,
) {
  const left: string[] = [];
  const slots = pair.leases ? await slotsOf(control) : 0;
  const made: (() => AttackTarget)[] = [];
  if (credentialKey !== undefined && slots > 0) await checkKey(pair, credentialKey);
  for (const name of targetNames) {
    if (!targets.includes(name)) continue;
    if (name === 'login') made.push(() => loginTarget(pair));
    else if (name === 'search_path' || name === 'set role') made.push(() => controlTarget(pair, name));
    else if (name === 'sealed') made.push(() => laneTarget(pair, name, 0));
    else if (slots === 0) left.push(`The lane ${name} was not attacked: the cell has no slots.`);
    else if (credentialKey === undefined)
      left.push(
        `The lane ${name} was not attacked: its slots need the cell's key, in TENANTRY_CREDENTIAL_KEY.`,
      );
    else made.push(() => laneTarget(pair, name, slots));
  }
  return { targets: made, left };
}

async function slotsOf(control: pg.ClientConfig): Promise<number> {
  const client = new pg.Client(control);
  await client.connect();
  try {
    const { rows } = await client.query<{ slots: number }>(
      `SELECT coalesce(max(substring(rolname from '[0-9]+$')::int), 0) AS slots FROM pg_roles WHERE rolname ~ '^tenantry_slot_[0-9]{1,6}$'`,
    );
    return rows[0]!.slots;
  } finally {
    await client.end();
  }
}

/** With a wrong key every lease would be refused, which looks like attacks that are answered in an odd way. */
async function checkKey({ address }: CanaryPair, key: Uint8Array): Promise<void> {
  const client = new pg.Client({
    ...address,
    user: brokerRole,
    password: deriveCredential(key, brokerRole, 1),
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    if ((error as pg.DatabaseError).code !== '28P01') throw error;
    throw new IsolationError(
      'ISOLATION_CREDENTIAL_KEY',
      'TENANTRY_CREDENTIAL_KEY is not the key of this cell: its broker cannot log in. Give the control plane’s key, or none.',
    );
  } finally {
    await client.end().catch(() => {});
  }
}

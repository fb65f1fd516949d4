import type pg from 'pg';
import { attackApplication } from '../attack-application.ts';
import { attackCell } from '../attack-cell.ts';
import type { AttackResult } from '../attacks/index.ts';
import { IsolationError } from '../isolation-error.ts';
import type { RunResult } from '../result.ts';
import { runIsolation, type RunOptions } from '../run.ts';
import type { CommandLine } from './arguments.ts';
import { applicationSpec, layoutPart, readConfig } from './config.ts';
import { applicationConfig, controlConfig, credentialKeyOf } from './connection.ts';
import type { IsolationHost } from './host.ts';
import { runHttp } from './http.ts';
import { Progress } from './progress.ts';

/** Runs what a command asks for. Rejects with IsolationError, and with PostgreSQL's own errors. */
export async function runCommand(
  line: CommandLine,
  host: IsolationHost,
  version: string,
): Promise<RunResult> {
  const { command } = line;
  if (line.application !== undefined) return runHttp(line, host, version);
  if (command === 'faults') return runFaults(line, host, version);
  const control = controlConfig(line.url, host.env);
  const progress = new Progress(host, line.quiet);
  const interruption = new AbortController();
  host.onInterrupt?.(() => interruption.abort());
  const { signal } = interruption;
  try {
    const result = await runIsolation({
      control,
      version,
      ...(command === 'verify' || command === 'report'
        ? { verify: await verifier(line, host, progress) }
        : {}),
      ...(command === 'attack' || command === 'report'
        ? { attack: await attacker(line, host, control, progress, signal) }
        : {}),
    });
    if (signal.aborted)
      throw new IsolationError('ISOLATION_INTERRUPTED', 'Interrupted. What the run had made was removed.');
    return result;
  } finally {
    progress.end();
  }
}

/** By the recipe of the file of `--config` where it has one, else as a Tenantry cell. */
async function attacker(
  line: CommandLine,
  host: IsolationHost,
  control: pg.ClientConfig,
  progress: Progress,
  signal: AbortSignal,
): Promise<NonNullable<RunOptions['attack']>> {
  const { targets, attacks } = line;
  const onResult = (result: AttackResult): void => progress.attacked(result);
  const spec = applicationSpec(await readConfig(line, host));
  if (spec === undefined) {
    const credentialKey = credentialKeyOf(host.env);
    return () => attackCell({ control, credentialKey, targets, attacks, signal, onResult });
  }
  const application = applicationConfig(control, host.env);
  return () => attackApplication({ control, application, spec, attacks, signal, onResult });
}

/** Loaded when needed: attacks have no use for the checks. */
async function verifier(
  line: CommandLine,
  host: IsolationHost,
  progress: Progress,
): Promise<NonNullable<RunOptions['verify']>> {
  const config = layoutPart(await readConfig(line, host));
  const { verify } = await import('./verify.ts');
  return (client) => {
    progress.step('Reading the catalogs …');
    return verify(client, config);
  };
}

/** In a copy of the run's own, which ends with it; in the database of `--url` where that is one. */
async function runFaults(line: CommandLine, host: IsolationHost, version: string): Promise<RunResult> {
  if (line.url !== undefined && !line.throwAway)
    throw new IsolationError(
      'ISOLATION_OPTION',
      'Faults weaken the database, if only until they are rolled back. Run them on a copy, and say so with --throw-away. Without --url and TENANTRY_ISOLATION_URL a copy is made.',
    );
  const progress = new Progress(host, line.quiet);
  const interruption = new AbortController();
  host.onInterrupt?.(() => interruption.abort());
  const { signal } = interruption;
  const { faultsBy, givenCopy, scoreFaults, startFaultCopy } = await import('./faults.ts');
  const faults = faultsBy(line.only);
  progress.step(line.throwAway ? 'Connecting to the copy …' : 'Making a copy …');
  const copy = line.throwAway
    ? await givenCopy(controlConfig(line.url, host.env), layoutPart(await readConfig(line, host)))
    : await (host.startCopy ?? startFaultCopy)();
  try {
    const result = await runIsolation({
      control: copy.superuser,
      version,
      faults: () =>
        scoreFaults(copy, {
          faults,
          signal,
          onResult: ({ fault }, done, total) => progress.count('Injecting faults', done, total, fault.id),
        }),
    });
    if (signal.aborted)
      throw new IsolationError('ISOLATION_INTERRUPTED', 'Interrupted. What the run had made was removed.');
    return result;
  } finally {
    progress.end();
    await copy.stop();
  }
}

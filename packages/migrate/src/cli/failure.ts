import pg from 'pg';
import { ConfigError } from '../config/error.ts';
import type { ConfigProblem } from '../config/error.ts';
import { MigrateError } from '../errors.ts';
import type { MigrateProblem } from '../errors.ts';
import { ConnectError } from './connect.ts';
import type { Output } from './output.ts';
import { printable } from './output.ts';

/** How the program exits: done, failed, could not be understood, interrupted. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command line that says something impossible. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** The person pressed Ctrl-C. */
export class Interrupted extends Error {
  readonly code = 'INTERRUPTED';

  constructor() {
    super('Interrupted: the statement that was running was cancelled.');
    this.name = 'Interrupted';
  }
}

/** An error as it is shown, and as --json writes it under `error`. */
export interface Failure {
  /** Flyway's name of the kind of error. */
  readonly errorCode: string;
  /** Ours: stable, and finer. */
  readonly code: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly statement?: string | undefined;
  readonly sqlState?: string | undefined;
  readonly rule?: string | undefined;
  readonly hint?: string | undefined;
  /** All that is wrong with a configuration, or where history and files do not fit together. */
  readonly problems?: readonly (ConfigProblem | MigrateProblem)[] | undefined;
  /** What error callbacks failed with after this. */
  readonly callbackErrors?: readonly Failure[] | undefined;
  readonly exitCode: ExitCode;
}

/** Everything there is to say about an error. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof MigrateError) return ofMigration(error);
  if (error instanceof ConfigError) {
    const { code, message, file, line, hint, problems, flywayCode } = error;
    return { errorCode: flywayCode, code, message, file, line, hint, problems, exitCode: exitCodes.usage };
  }
  if (error instanceof UsageError) {
    const { code, message, hint } = error;
    return { errorCode: 'CONFIGURATION', code, message, hint, exitCode: exitCodes.usage };
  }
  if (error instanceof ConnectError) {
    const { code, message, sqlState, hint } = error;
    return { errorCode: 'DB_CONNECTION', code, message, sqlState, hint, exitCode: exitCodes.failed };
  }
  if (error instanceof Interrupted) {
    const { code, message } = error;
    return { errorCode: 'ERROR', code, message, exitCode: exitCodes.interrupted };
  }
  return unexpected(error);
}

function ofMigration(error: MigrateError): Failure {
  const { code, message, file, line, statement, sqlState, rule, hint, problems } = error;
  const errorCode = error.flywayCode ?? 'ERROR';
  const place = { file, line, statement, sqlState, rule, hint, problems };
  const after = error.callbackErrors.map((later) => ofMigration(later));
  const callbackErrors = after.length === 0 ? undefined : after;
  return { errorCode, code, message, ...place, callbackErrors, exitCode: exitCodes.failed };
}

function unexpected(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof pg.DatabaseError) {
    const { code: sqlState, hint } = error;
    return {
      errorCode: 'ERROR',
      code: 'DATABASE_ERROR',
      message,
      sqlState,
      hint,
      exitCode: exitCodes.failed,
    };
  }
  return { errorCode: 'FAULT', code: 'FAILED', message, exitCode: exitCodes.failed };
}

/** Writes an error: for people as lines on stderr, for programs as one object. */
export function reportFailure(out: Output, failure: Failure, error: unknown): void {
  if (out.json) {
    out.fail({ error: failure });
    return;
  }
  const several = error instanceof ConfigError && error.problems.length > 1 ? error.problems : [];
  const lines = several.length > 0 ? several.flatMap(problemLines) : failureLines(failure);
  out.error(`${failure.code}: ${lines.map((line) => printable(line)).join('\n')}`);
  for (const later of failure.callbackErrors ?? []) {
    out.error(`and after that, ${later.code}: ${failureLines(later).map(printable).join('\n')}`);
  }
  if (out.debug && error instanceof Error) out.error(String(error.stack));
}

function failureLines(failure: Failure): readonly string[] {
  return [...failure.message.trimEnd().split('\n'), ...detailLines(failure)];
}

function problemLines({ message, file, line, hint }: ConfigProblem): readonly string[] {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
  return [`${place}${message}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])];
}

function detailLines(failure: Failure): readonly string[] {
  const { sqlState, rule, hint } = failure;
  // Flyway's own message of a failed statement has a block of all these.
  const told = sqlState !== undefined && failure.message.includes(`SQL State  : ${sqlState}`);
  const place = told ? [] : placeLines(failure);
  const details = [...place, rule && `rule ${rule}`, hint && `hint: ${hint}`];
  return details
    .filter((detail) => typeof detail === 'string' && detail !== '')
    .map((detail) => `  ${String(detail).replaceAll('\n', '\n  ')}`);
}

function placeLines({ file, line, statement, sqlState }: Failure): readonly (string | undefined)[] {
  return [
    file && `at ${file}${line === undefined ? '' : `:${line}`}`,
    statement && `in ${statement}`,
    sqlState && `SQLSTATE ${sqlState}`,
  ];
}

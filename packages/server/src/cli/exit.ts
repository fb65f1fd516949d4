import { ApiError, UnreachableError, type Operation, type Problem } from '@tenantry/contract';
import { CommanderError } from 'commander';
import { ConfigError } from '../errors.ts';

/** The exit codes of `tenantry`; scripts rely on them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For the help: what each code says. */
export const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failed, 'the operation or the check failed, or waiting for it timed out'],
  [exitCodes.usage, 'the command or a value in it is not valid'],
  [exitCodes.unreachable, 'no answer from the control plane, or no token'],
  [exitCodes.forbidden, 'the token is not valid, or does not allow this'],
  [exitCodes.notFound, 'there is no such thing'],
  [exitCodes.conflict, 'its state does not allow this, or the name is taken'],
  [exitCodes.interrupted, 'interrupted'],
];

/** An error of the command line itself: a stable code, a sentence that says what to do next, and how to exit. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly next: string | undefined;

  constructor(exitCode: ExitCode, code: string, message: string, next?: string) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.exitCode = exitCode;
    this.next = next;
  }
}

/** An operation that was waited for and did not succeed. */
export class OperationFailed extends Error {
  readonly operation: Operation;

  constructor(operation: Operation) {
    super(operation.error?.message ?? `The operation was ${operation.state}.`);
    this.name = 'OperationFailed';
    this.operation = operation;
  }
}

/** A value on the command line that cannot be right. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(exitCodes.usage, 'USAGE', message, next);
}

const away: readonly string[] = ['SHUTTING_DOWN', 'DATABASE_UNAVAILABLE'];

function exitCodeOfProblem(problem: Problem): ExitCode {
  // A proxy's 502 to 504 and a control plane that cannot serve right now are the same to a script: try again later.
  if (away.includes(problem.code)) return exitCodes.unreachable;
  if (problem.code === 'UNEXPECTED_ANSWER' && problem.status >= 502 && problem.status <= 504) {
    return exitCodes.unreachable;
  }
  switch (problem.status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return exitCodes.usage;
    case 401:
    case 403:
      return exitCodes.forbidden;
    case 404:
      return exitCodes.notFound;
    case 409:
    case 412:
      return exitCodes.conflict;
    default:
      return exitCodes.failed;
  }
}

/** The exit code that stands for an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ApiError) return exitCodeOfProblem(error.problem);
  if (error instanceof UnreachableError) return exitCodes.unreachable;
  if (error instanceof ConfigError) return exitCodes.usage;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return exitCodes.failed;
}

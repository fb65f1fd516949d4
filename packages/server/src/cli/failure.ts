import { ApiError, UnreachableError, type Operation, type Problem } from '@tenantry/contract';
import { CommanderError } from 'commander';
import { ConfigError } from '../errors.ts';
import { CliError, exitCodeOf, exitCodes, OperationFailed, type ExitCode } from './exit.ts';
import type { Output } from './output.ts';
import { printable } from './width.ts';

/** An error as the command line shows it, and as `--json` writes it to stderr under `error`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
  readonly status?: number | undefined;
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly statement?: string | undefined;
  readonly sqlState?: string | undefined;
  readonly hint?: string | undefined;
  readonly operation?:
    | { readonly id: string; readonly state: string; readonly step: string | null }
    | undefined;
  readonly requestId?: string | undefined;
  /** What to do now. */
  readonly next?: string | undefined;
}

/** What to do after a problem, where its own detail does not say. */
const nextSteps: Readonly<Record<string, string>> = {
  UNAUTHENTICATED:
    'Set TENANTRY_TOKEN to a valid key; on the machine of the control plane, unset it to use the local one.',
  FORBIDDEN: 'Use a key whose role or scopes allow this; "tenantry key list" shows them.',
  TENANT_NOT_FOUND: 'See "tenantry tenant list" for the tenants that this key can see.',
  OPERATION_NOT_FOUND: 'See "tenantry operation list".',
  CELL_NOT_FOUND: 'See "tenantry cell list".',
  READER_NOT_FOUND: 'See "tenantry reader list".',
  KEY_NOT_FOUND: 'See "tenantry key list".',
  SLUG_TAKEN: 'See the tenant that has it with "tenantry tenant get <slug>".',
  SLUG_RETIRED: 'Choose another slug. A purge with --release-slug would have let it be used again.',
  TENANT_BUSY: 'See "tenantry operation list --state queued,running" and wait for it to end.',
  GRACE_PERIOD: 'Wait for the end of the grace period, or add --force.',
  VERSION_CONFLICT: 'Somebody changed the tenant in between: run the command again.',
  CONFIRMATION_REQUIRED: 'Give the slug or the id of the tenant to --confirm.',
  RATE_LIMITED: 'Wait a minute, then run the command again.',
  CELL_UNFIT:
    'See which privileges are missing, and the SQL that grants them, in the errors above or with "tenantry cell check".',
};

/** Everything there is to say about an error. */
export function describeFailure(error: unknown): Failure {
  const exitCode = exitCodeOf(error);
  if (error instanceof ApiError) return ofProblem(error.problem, exitCode);
  if (error instanceof OperationFailed) return ofOperation(error.operation);
  if (error instanceof CliError)
    return { code: error.code, message: error.message, exitCode, next: error.next };
  if (error instanceof ConfigError) return { code: 'CONFIG', message: error.message, exitCode };
  if (error instanceof UnreachableError) return { code: 'UNREACHABLE', message: error.message, exitCode };
  if (error instanceof CommanderError) {
    return {
      code: 'USAGE',
      message: error.message.replace(/^error: /, ''),
      exitCode,
      next: 'Add --help to the command to see what it takes.',
    };
  }
  if (error instanceof SyntaxError || (error instanceof TypeError && error.message === 'terminated')) {
    return {
      code: 'UNEXPECTED_ANSWER',
      message: 'The answer was cut off, or did not come from a control plane.',
      exitCode: exitCodes.unreachable,
      next: 'Check the address in TENANTRY_URL, then run the command again.',
    };
  }
  return { code: 'FAILED', message: error instanceof Error ? error.message : String(error), exitCode };
}

function ofProblem(problem: Problem, exitCode: ExitCode): Failure {
  const { code, status, errors, file, line, sqlState, hint, requestId } = problem;
  const message = problem.detail ?? problem.title;
  return {
    code,
    message,
    exitCode,
    status,
    errors,
    file,
    line,
    sqlState,
    hint,
    requestId,
    next: nextSteps[code],
  };
}

function ofOperation(operation: Operation): Failure {
  const { error } = operation;
  const step = operation.steps.find(({ state }) => state === 'failed');
  const changed = operation.kind === 'tenant.provision' ? ' Nothing was left behind.' : '';
  const message = error?.message ?? `The operation was ${operation.state}.${changed}`;
  const retry = `tenantry operation retry ${operation.id}`;
  const look = `tenantry operation get ${operation.id}`;
  return {
    code: error?.code ?? operation.state.toUpperCase(),
    message,
    exitCode: exitCodes.failed,
    file: error?.file,
    line: error?.line,
    statement: error?.statement,
    sqlState: error?.sqlState,
    hint: error?.hint,
    operation: { id: operation.id, state: operation.state, step: step?.title ?? null },
    requestId: operation.requestId ?? undefined,
    next:
      operation.state === 'cancelled'
        ? `Run it again with "${retry}".`
        : `Mend the cause${error?.file ? ` in ${error.file}` : ''}, then run "${retry}". "${look}" shows every step.`,
  };
}

/** Writes an error to stderr: for people as lines, with --json as one object. Never a stack trace. */
export function reportFailure(out: Output, failure: Failure): void {
  if (out.json) {
    out.complain(`${JSON.stringify({ error: failure })}\n`);
    return;
  }
  const { operation } = failure;
  const details: readonly (string | undefined)[] = [
    ...(failure.errors ?? []).map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`),
    failure.file && `at ${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`,
    failure.statement && `in ${failure.statement}`,
    failure.sqlState && `SQLSTATE ${failure.sqlState}`,
    failure.hint && `hint: ${failure.hint}`,
    operation &&
      `operation ${operation.id} ${operation.state}${operation.step ? ` at "${operation.step}"` : ''}`,
    failure.next && `next: ${failure.next}`,
    failure.requestId && `request ${failure.requestId}`,
  ];
  const indented = details
    .filter((line) => line)
    .map((line) => printable(line!, true).replaceAll('\n', '\n    '));
  const head = `${out.paintError('red', 'error')} ${out.paintError('bold', failure.code)}: ${printable(failure.message, true)}`;
  out.complain([head, ...indented].join('\n  ').concat('\n'));
}

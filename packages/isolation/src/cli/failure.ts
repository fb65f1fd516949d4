import { IsolationError } from '../isolation-error.ts';
import { printable } from '../report/text.ts';

/** How a command ends; scripts rely on these. */
export const exitCodes = { clean: 0, finding: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What to say of an error, and how to exit with it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** An error of a run as the command line shows it; PostgreSQL's own are told apart by SQLSTATE. */
export function describeFailure(error: unknown): Failure {
  const { code, message } = describe(error);
  return { code, message: printable(message), exitCode: exitCodeOf(code) };
}

/** Of sockets, of name resolution and of TLS. */
const networkCodes =
  /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/;

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof IsolationError) return { code: error.code, message: error.message };
  const code = (error as { readonly code?: unknown } | null)?.code;
  const message = error instanceof Error ? messageOf(error) : String(error);
  if (typeof code !== 'string') {
    // The driver's own, as for a connection that took too long, has no code.
    if (/timeout|terminated|Connection/i.test(message)) return unreachable(message);
    return { code: 'ISOLATION_FAILED', message };
  }
  if (/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return ofPostgres(code, message);
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
    return { code: 'ISOLATION_OPTION', message };
  return networkCodes.test(code) ? unreachable(message) : { code: 'ISOLATION_FAILED', message };
}

function ofPostgres(state: string, message: string): { code: string; message: string } {
  if (/^(08|57P|28|3D|53)/.test(state)) return unreachable(message);
  if (state === '42501' || state === '42704' || state === '3F000')
    return {
      code: 'ISOLATION_RIGHTS',
      message: `${message}. Connect as the control role of a Tenantry cell, or describe the database with --config.`,
    };
  return { code: state, message };
}

function unreachable(message: string): { code: string; message: string } {
  return {
    code: 'ISOLATION_UNREACHABLE',
    message: `No connection to the database: ${message}. See --url and TENANTRY_ISOLATION_URL.`,
  };
}

/** Where a host has several addresses, the error of each is in a list, and the message is empty. */
function messageOf(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  return (error.message === '' && inner instanceof Error ? inner.message : error.message).replace(/\.$/, '');
}

function exitCodeOf(code: string): ExitCode {
  if (code === 'ISOLATION_UNREACHABLE') return exitCodes.unreachable;
  if (code === 'ISOLATION_INTERRUPTED') return exitCodes.interrupted;
  return exitCodes.usage;
}

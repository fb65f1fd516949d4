import pg from 'pg';
import { TenantryError } from '../errors.ts';

/** The SQLSTATE of an error that PostgreSQL reported, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** True when an INSERT or UPDATE met another row with the same key. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === constraint;
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
  'EAI_AGAIN',
]);
const networkMessages = [
  'Connection terminated',
  'Client has encountered a connection error',
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Query read timeout',
];

/** What Node and OpenSSL say of a certificate or a handshake, and node-postgres of a server that does without. */
const tlsCodes =
  /^(?:EPROTO$|ERR_(?:TLS|SSL)_|CERT_|UNABLE_TO_|(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|HOSTNAME_MISMATCH|INVALID_CA)$)/;
const tlsMessages = [
  'The server does not support SSL connections',
  'There was an error establishing an SSL connection',
];

/** True when the server is there, and not with the TLS that the connection string asks for. */
function isTlsError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && tlsCodes.test(code)) return true;
  return tlsMessages.some((message) => error.message.includes(message));
}

/**
 * The same for an error that was given a file and a line on its way: it may still be about the server. Not where a
 * migration raised it, which may choose any SQLSTATE.
 */
function healthStateOf(error: unknown): string | undefined {
  const reason = error instanceof Error && error.cause instanceof pg.DatabaseError ? error.cause : error;
  if (reason !== error && (reason as pg.DatabaseError).routine === 'exec_stmt_raise') return undefined;
  return sqlStateOf(reason);
}

/** 25P03: a transaction was left open for too long, as by a process that was frozen in the meantime. */
function isGoneState(state: string): boolean {
  return state.startsWith('08') || state.startsWith('57P') || state === '53300' || state === '25P03';
}

/** True when the error says that the server is not there (any more), not that it refused something. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = healthStateOf(error);
  if (state !== undefined) return isGoneState(state);
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined && networkCodes.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  return networkMessages.some((message) => error.message.includes(message));
}

/**
 * What a caller is told about an error of PostgreSQL: a code and a next step. Anything that is not about the server's
 * health is passed through unchanged.
 */
export function explain(error: unknown, where: string): unknown {
  const state = healthStateOf(error);
  const detail = state === undefined ? {} : { sqlState: state };
  if (state === '53300') {
    const text = `${where} has no free connection. Raise max_connections or lower TENANTRY_CONCURRENCY.`;
    return new TenantryError('CELL_FULL', text, detail, error);
  }
  if (state === '53100') {
    return new TenantryError(
      'CELL_FULL',
      `${where} has no disk space left. Free some and try again.`,
      detail,
      error,
    );
  }
  if (state?.startsWith('28')) {
    const text = `${where} refused the login of the control role. Check the user and the password.`;
    return new TenantryError('CELL_LOGIN_REFUSED', text, detail, error);
  }
  if (isTlsError(error)) {
    const text = `${where} cannot be reached as its connection string asks. Check sslmode and the certificates.`;
    return new TenantryError('DATABASE_UNAVAILABLE', text, detail, error);
  }
  if (isConnectionError(error)) {
    return new TenantryError(
      'DATABASE_UNAVAILABLE',
      `${where} cannot be reached. It is tried again by itself.`,
      detail,
      error,
    );
  }
  return error;
}

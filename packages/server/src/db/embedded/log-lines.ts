import type { Settings } from '@tenantry/tenancy/embedded';

/**
 * How the log of the embedded PostgreSQL is written. Its prefix holds nothing that a client chooses: a user name with a line break
 * in it would otherwise write lines of its own. `terse` leaves out what may quote a statement or a row: DETAIL, QUERY, CONTEXT.
 * Whose a session is, is told once, when it begins.
 */
export const logSettings: Settings = {
  log_line_prefix: '%m [%p] %c %e ',
  log_error_verbosity: 'terse',
  log_connections: 'authorization',
  log_disconnections: 'on',
};

/** A statement or a login that PostgreSQL refused, as its log tells it. */
export interface LoggedRefusal {
  readonly kind: 'denied' | 'role-switch' | 'foreign-name' | 'login-refused';
  readonly at: Date;
  readonly sqlState: string;
  /** The login that was refused; null for a name that none of Tenantry's logins can have. */
  readonly role: string | null;
}

interface Session {
  readonly role: string;
  /** Attacks of a verification run, on slots that it has leased or with logins that it has made. */
  readonly isVerification: boolean;
}

interface Line {
  readonly at: Date;
  readonly session: string;
  readonly sqlState: string;
  readonly severity: string;
  readonly message: string;
}

const linePattern =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC \[\d+\] ([0-9a-f]+\.[0-9a-f]+) ([0-9A-Z]{5}) ([A-Z]+\d?): {2}(.*)$/;
const rolePattern = /^(?:t_[a-z2-7]{12}(?:_owner)?|tenantry_[a-z0-9_]{1,50})$/;
const authorized =
  /^connection authorized: user=(\S+) database=\S+(?: application_name=(.*?))?(?: SSL enabled .*)?$/;
/** The connections of a verification run, and the logins that it makes for its positive controls. */
const verification = /^tenantry isolation\b/;
const controlLogin = /^tenantry_canary_/;
/** More sessions than a server has; the oldest are forgotten, should the end of many never be told. */
const mostSessions = 20_000;

/** Reads lines of the log, in their order, and gives what was refused. */
export class LogReader {
  readonly #sessions = new Map<string, Session>();

  /** What a line says was refused, or undefined. A line that goes on (it begins with a tab) is a part of a message. */
  read(text: string): LoggedRefusal | undefined {
    const line = parse(text);
    if (line === undefined) return undefined;
    if (line.severity === 'LOG') this.#note(line);
    if (line.severity !== 'ERROR' && line.severity !== 'FATAL') return undefined;
    const session = this.#sessions.get(line.session);
    if (session?.isVerification) return undefined;
    const refusal = line.severity === 'FATAL' ? loginOf(line) : statementOf(line, session?.role);
    if (refusal === undefined) return undefined;
    const role = refusal.role ?? session?.role ?? null;
    if (role !== null && controlLogin.test(role)) return undefined;
    return { ...refusal, role: role !== null && rolePattern.test(role) ? role : null };
  }

  #note({ session, message }: Line): void {
    if (message.startsWith('disconnection: ')) {
      this.#sessions.delete(session);
      return;
    }
    const [, role, application] = authorized.exec(message) ?? [];
    if (role === undefined) return;
    // Who logs in as a slot holds the credential key, and is believed its name; a tenant's own login is not.
    const isVerification =
      controlLogin.test(role) || (role.startsWith('tenantry_slot_') && verification.test(application ?? ''));
    this.#sessions.set(session, { role, isVerification });
    if (this.#sessions.size > mostSessions) this.#sessions.delete(this.#sessions.keys().next().value!);
  }
}

function parse(text: string): Line | undefined {
  const [, at, session, sqlState, severity, message] = linePattern.exec(text) ?? [];
  if (message === undefined) return undefined;
  return {
    at: new Date(`${at!.replace(' ', 'T')}Z`),
    session: session!,
    sqlState: sqlState!,
    severity: severity!,
    message,
  };
}

function loginOf({ at, sqlState, message }: Line): LoggedRefusal | undefined {
  const isRefused = sqlState === '28P01' || sqlState === '28000' || sqlState === '42501';
  if (!isRefused) return undefined;
  const name =
    /^password authentication failed for user "(.*)"$/.exec(message)?.[1] ??
    /^role "(.*)" is not permitted to log in$/.exec(message)?.[1] ??
    null;
  return { kind: 'login-refused', at, sqlState, role: name };
}

function statementOf({ at, sqlState, message }: Line, role: string | undefined): LoggedRefusal | undefined {
  const found = (kind: LoggedRefusal['kind']): LoggedRefusal => ({ kind, at, sqlState, role: null });
  switch (sqlState) {
    case '42501':
      return found(
        /^permission denied to set (?:role|session authorization)\b/.test(message) ? 'role-switch' : 'denied',
      );
    case '22023':
      return /^role ".*" does not exist$/.test(message) ? found('role-switch') : undefined;
    case '42P01':
    case '3F000': {
      const named = /"(t_[a-z2-7]{12})(?:\.[^"]*)?" does not exist/.exec(message)?.[1];
      return named !== undefined && named !== role ? found('foreign-name') : undefined;
    }
    default:
      return undefined;
  }
}

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { ConnectionTarget, SslMode } from '../config/target.ts';
import type { Server } from '../config/url.ts';

/** How often and how long a connection is tried. */
export interface ConnectPolicy {
  /** Further tries after the first. */
  readonly retries: number;
  /** Seconds: the longest pause between two. */
  readonly interval: number;
  readonly onRetry?: (message: string, seconds: number) => void;
  readonly signal?: AbortSignal;
}

/** No connection could be made; `cause` is the driver's error. */
export class ConnectError extends Error {
  readonly code = 'CONNECTION_FAILED';
  readonly sqlState: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectError';
    this.sqlState = sqlStateOf(cause);
    this.hint = hintFor(this.sqlState, cause);
  }
}

/**
 * Connects to the first server that answers. Of several, one that can be written to is preferred, because a standby
 * would refuse the migration.
 *
 * Throws ConnectError; its message holds no password.
 */
export async function connect(target: ConnectionTarget, policy: ConnectPolicy): Promise<pg.Client> {
  for (let tries = 0, seconds = 1; ; tries += 1, seconds *= 2) {
    try {
      return await connectOnce(target);
    } catch (error) {
      if (tries >= policy.retries || !(error instanceof ConnectError) || isFinal(error.sqlState)) throw error;
      const wait = Math.min(seconds, policy.interval);
      policy.onRetry?.(error.message, wait);
      await pause(wait * 1000, undefined, policy.signal ? { signal: policy.signal } : {});
    }
  }
}

async function connectOnce(target: ConnectionTarget): Promise<pg.Client> {
  let failure: unknown;
  let standby: pg.Client | undefined;
  for (const server of target.servers) {
    try {
      const client = await connectTo(target, server);
      if (target.servers.length === 1 || !(await isStandby(client))) {
        await standby?.end();
        return client;
      }
      await standby?.end();
      standby = client;
    } catch (error) {
      failure = error;
    }
  }
  if (standby) return standby;
  const { host, port } = target.servers.at(-1)!;
  const where = `${target.database} at ${host}:${port} as ${target.user}`;
  throw new ConnectError(`No connection to the database ${where}: ${messageOf(failure)}`, failure);
}

async function isStandby(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>(
    'SELECT pg_catalog.pg_is_in_recovery() AS standby',
  );
  return rows[0]?.standby === true;
}

async function connectTo(target: ConnectionTarget, server: Server): Promise<pg.Client> {
  const ways = server.host.startsWith('/') ? (['disable'] as const) : sslWays[target.sslMode];
  for (const [at, way] of ways.entries()) {
    try {
      return await open(target, server, way === 'disable' ? false : await tls(target, way));
    } catch (error) {
      const refused = way === 'disable' ? sqlStateOf(error) === '28000' : noTls.test(messageOf(error));
      if (at === ways.length - 1 || !refused) throw error;
    }
  }
  throw new Error('unreachable: there is always a way');
}

const noTls = /does not support SSL/;

/** What a mode of libpq tries, in turn: with TLS (and which check of the certificate) or without. */
const sslWays: Readonly<Record<SslMode, readonly ('disable' | 'require' | 'verify-ca' | 'verify-full')[]>> = {
  disable: ['disable'],
  allow: ['disable', 'require'],
  prefer: ['require', 'disable'],
  require: ['require'],
  'verify-ca': ['verify-ca'],
  'verify-full': ['verify-full'],
};

async function open(
  target: ConnectionTarget,
  server: Server,
  ssl: ConnectionOptions | false,
): Promise<pg.Client> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    database: target.database,
    user: target.user,
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.options === undefined ? {} : { options: target.options }),
    application_name: target.applicationName,
    connectionTimeoutMillis: target.connectTimeout,
    keepAlive: true,
    ssl,
  });
  // A connection that breaks between two queries is an event; the next query fails with it, which is soon enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function tls(
  { sslRootCert, sslCert, sslKey }: ConnectionTarget,
  way: 'require' | 'verify-ca' | 'verify-full',
): Promise<ConnectionOptions> {
  return {
    rejectUnauthorized: way !== 'require',
    ...(way === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(sslRootCert === undefined ? {} : { ca: await readFile(sslRootCert) }),
    ...(sslCert === undefined ? {} : { cert: await readFile(sslCert) }),
    ...(sslKey === undefined ? {} : { key: pemKey(await readFile(sslKey)) }),
  };
}

/** The JDBC driver wants keys as PKCS #8 in DER, libpq as PEM; both are read. */
function pemKey(key: Buffer): Buffer | string {
  if (key.includes('-----BEGIN')) return key;
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
}

/** A wrong password or a missing database will be the same in a second. */
function isFinal(sqlState: string | undefined): boolean {
  return sqlState !== undefined && !sqlState.startsWith('57P') && sqlState !== '53300';
}

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function messageOf(error: unknown): string {
  // Node gives one error for all addresses of a name, and that one has no message.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function hintFor(sqlState: string | undefined, cause: unknown): string | undefined {
  switch (sqlState) {
    case '28P01':
    case '28000':
      return 'Give the password in FLYWAY_PASSWORD or PGPASSWORD, with --password-file, or in ~/.pgpass.';
    case '3D000':
      return 'Make the database first, or name another in the URL.';
    case undefined:
      break;
    default:
      return undefined;
  }
  const message = messageOf(cause);
  if (noTls.test(message))
    return 'The server has no TLS: write sslmode=disable only where the network is yours.';
  if (message.includes('password must be a string')) return hintFor('28P01', cause);
  return 'Is the address right, and does the server run? --url names it.';
}

import type { ClientConfig } from 'pg';
import { sqlStateOf, TenancyError } from '../errors.ts';
import { Connection } from '../pool/connection.ts';
import type { Host, Hosts } from '../pool/hosts.ts';
import type { PoolSettings } from '../pool/options.ts';
import type { Placement } from '../directory/index.ts';
import type { LaneName } from './lane.ts';

/** What every connection to a cell has in common. */
export interface Dialling {
  readonly cell: Placement['cell'];
  readonly hosts: Hosts;
  readonly settings: PoolSettings;
  readonly applicationName: string;
  /** Runs a function as nobody's work. */
  readonly outside: <T>(fn: () => T) => T;
  /** Hears of logins that PostgreSQL does not let in. */
  readonly onRefusedLogin?: (login: Pick<Login, 'lane' | 'user'>, sqlState: string | undefined) => void;
}

export interface Login {
  readonly lane: LaneName;
  readonly user: string;
  readonly password: string;
  readonly options: string;
  readonly slot?: string;
  /** It runs no statement of an application, so that several in one message do no harm. */
  readonly ownStatementsOnly?: boolean;
}

/**
 * Logs in at the primary of a cell. A host that is away, starting, frozen or a standby is passed over; a refused login is
 * not, since the next host would refuse it too. Rejects with what the last host said.
 */
export async function dial(to: Dialling, login: Login): Promise<Connection> {
  let last: unknown;
  for (const host of to.hosts.candidates()) {
    let connection: Connection;
    try {
      connection = await dialHost(host, to, login);
    } catch (error) {
      if (!isHostsFault(error)) {
        if (isRefusedLogin(error)) to.onRefusedLogin?.(login, sqlStateOf(error));
        throw error;
      }
      last = error;
      to.hosts.doubt(host);
      continue;
    }
    if (!connection.isStandby && to.hosts.found(host, connection)) return connection;
    connection.close('not primary');
    to.hosts.doubt(host);
    last = new TenancyError(
      'TENANCY_CONNECTION_LOST',
      'No host of the cell is its primary at the moment. Wait for the failover to end, or check the host list of the cell.',
    );
  }
  throw last;
}

function dialHost({ host, port }: Host, to: Dialling, login: Login): Promise<Connection> {
  const { connectTimeout, queryTimeout } = to.settings;
  const client: ClientConfig = {
    host,
    port,
    database: to.cell.database,
    ssl: to.cell.ssl,
    user: login.user,
    password: login.password,
    options: login.options,
    application_name: to.applicationName,
  };
  const { lane, slot, ownStatementsOnly } = login;
  // What the pool does not watch over is watched by the driver.
  if (ownStatementsOnly) client.query_timeout = connectTimeout;
  const asksLineage = to.hosts.areSeveral;
  // Its events are nobody's: a connection outlives the work that has opened it, and serves other tenants.
  return to.outside(() =>
    Connection.open({
      lane,
      slot,
      client,
      ownStatementsOnly,
      asksLineage,
      connectTimeout,
      queryTimeout,
    }),
  );
}

/** True where another host, or the same one in a moment, may let the same login in. */
export function isHostsFault(error: unknown): boolean {
  const state = sqlStateOf(error);
  // Without a SQLSTATE it is the socket's: refused, reset, timed out.
  return state === undefined || state.startsWith('57P') || state.startsWith('08');
}

/** True where PostgreSQL refused the login itself: a wrong password, a closed role, no CONNECT, an unknown database. */
export function isRefusedLogin(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '28P01' || state === '28000' || state === '42501' || state === '3D000';
}

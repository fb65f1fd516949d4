import { createHmac } from 'node:crypto';
import pg from 'pg';
import { deriveCredential } from '../../credential.ts';
import { sqlStateOf } from '../../errors.ts';
import { randomBase32 } from '../../tenant-id.ts';
import { TestingError } from '../errors.ts';
import { leasesSql, type Cell } from './cell.ts';
import { connected, inDatabase, parseUrl } from './connect.ts';
import { databaseSql, extensionsSql } from './layout.ts';
import { checkServer } from './server-check.ts';
import {
  controlRole,
  databasePrefix,
  dropDatabase,
  makeSharedRoles,
  removeAbandoned,
  removeSharedRoles,
  slots,
} from './shared-roles.ts';

const { escapeIdentifier } = pg;

/**
 * A cell in a database of its own on a server that others use too. What is the server's and not the database's (groups, broker,
 * slots) is shared by all kits: the first makes it, the last takes it away. Rejects with TESTING_SERVER.
 */
export async function givenCell(url: string, extensions: readonly string[]): Promise<Cell> {
  const credentialKey = keyOf(url);
  const database = `${databasePrefix}${randomBase32(16)}`;
  const { host, port, ssl } = parseUrl(url);
  const address = { host, port, database };
  const login = {
    ...address,
    ssl,
    user: controlRole,
    password: deriveCredential(credentialKey, controlRole, 1),
  };
  const control = new pg.Pool({ ...login, max: 4, application_name: 'tenantry testing' });
  control.on('error', () => {});
  // As long as it is connected the database is somebody's.
  const keeper = new pg.Client({ ...login, application_name: 'tenantry testing' });
  keeper.on('error', () => {});
  let isOurs = false;
  const remove = async (): Promise<void> => {
    await keeper.end().catch(() => {});
    // Nothing was made: the roles of these names are somebody else's.
    if (!isOurs) return;
    await alone(url, async (client) => {
      await dropDatabase(client, database, url);
      await removeSharedRoles(client);
    });
  };
  try {
    await alone(url, async (client) => {
      await checkServer(client, extensions);
      await makeSharedRoles(client, credentialKey);
      isOurs = true;
      await removeAbandoned(client, url);
      // template0, since nobody can be connected to it.
      await client.query(
        `CREATE DATABASE ${escapeIdentifier(database)} OWNER ${controlRole} TEMPLATE template0 ENCODING 'UTF8'`,
      );
      await keeper.connect();
    });
    await control.query(`BEGIN; ${databaseSql(database)} ${await leasesSql(credentialKey, slots)} COMMIT`);
    await makeExtensions(url, control, database, extensions);
  } catch (error) {
    await control.end();
    await remove().catch(() => {});
    throw error instanceof TestingError ? error : failed(error);
  }
  return { address, ssl, slots, credentialKey, superuserUrl: undefined, control, remove };
}

/** An extension that is not trusted needs a superuser, which the control role is not. */
async function makeExtensions(
  url: string,
  control: pg.Pool,
  database: string,
  extensions: readonly string[],
): Promise<void> {
  if (extensions.length === 0) return;
  try {
    await control.query(extensionsSql(extensions));
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    await connected(inDatabase(url, database), (client) => client.query(extensionsSql(extensions)));
  }
}

/**
 * Runs a function on a connection of the login that was given, while no other kit does the like. Advisory locks are a
 * database's own, so all go to the one that nearly every server has, whichever they were given.
 */
async function alone<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const locked = async (client: pg.Client): Promise<T> => {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('tenantry.testing', 0))`);
    return work(client);
  };
  let isIn = false;
  try {
    return await connected(inDatabase(url, 'postgres'), (client) => {
      isIn = true;
      return locked(client);
    });
  } catch (error) {
    const noSuchDatabase = !isIn && ['3D000', '42501', '28000'].includes(sqlStateOf(error) ?? '');
    if (!noSuchDatabase) throw error;
    return connected(parseUrl(url), locked);
  }
}

/**
 * The same for all kits that were given the same login, since broker and slots have one password for all. It opens what that
 * login can open anyway.
 */
function keyOf(url: string): Uint8Array {
  const { user = '', password = '' } = parseUrl(url);
  return createHmac('sha256', password).update(`tenantry testing\0${user}`).digest();
}

function failed(cause: unknown): TestingError {
  const state = sqlStateOf(cause);
  const text = cause instanceof Error ? cause.message || (cause as { code?: string }).code : String(cause);
  return new TestingError(
    'TESTING_SERVER',
    `The PostgreSQL of postgres.url cannot be used: ${text}${state === undefined ? '' : ` (SQLSTATE ${state})`}.`,
    { cause, sqlState: state },
  );
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino, type Logger } from 'pino';
import { createClient, type Client, type Operation, type Role } from '@tenantry/contract';
import { scramVerifier } from '@tenantry/tenancy';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import { readConfig, type OptionName } from '../../src/config.ts';
import { startControlPlane, type ControlPlane } from '../../src/main/control-plane.ts';

/** A control plane of its own on a PostgreSQL of its own, spoken to over HTTP. */
export interface TestServer {
  readonly postgres: TestPostgres;
  readonly home: string;
  /** The control role's connection string. */
  readonly controlUrl: string;
  /** As superuser, in the control plane's database: to look at what is really there, and to break it. */
  readonly superuser: pg.Pool;
  readonly url: string;
  readonly token: string;
  /** With the rights of the local administrator. */
  readonly admin: Client;
  /** A client with a new key of a role. */
  as(role: Role, tenant?: string): Promise<Client>;
  /** Waits until an operation is finished, on the event stream. */
  finished(operationId: string): Promise<Operation>;
  /** Stops the control plane and starts it again on the same database and home. */
  restart(options?: TestServerOptions): Promise<void>;
  stop(): Promise<void>;
}

export type TestServerOptions = Partial<Record<OptionName, string>>;

/** Options are those of `tenantry up`; without others there is no warm pool and the sample's migrations are used. */
export async function startTestServer(
  options: TestServerOptions = {},
  log: Logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' }, pino.destination(2)),
): Promise<TestServer> {
  const postgres = await startTestPostgres();
  const controlUrl = await createControlRole(postgres.superuserUrl);
  const home = await mkdtemp(join(tmpdir(), 'tenantry home '));
  const superuser = new pg.Pool({
    connectionString: withDatabase(postgres.superuserUrl, 'tenantry'),
    max: 4,
  });
  superuser.on('error', () => {});
  const start = (given: TestServerOptions): Promise<ControlPlane> => {
    const flags = {
      home,
      databaseUrl: controlUrl,
      port: '0',
      warmPool: '0',
      isolationAuditEvery: '0s',
      isolationProbesEvery: '0s',
      isolationFaultsEvery: '0s',
      rateLimit: '1000000',
      ...options,
      ...given,
    };
    return startControlPlane(readConfig({}, flags), log, 'test');
  };
  let plane = await start({});
  const clientOf = (token: string) => createClient({ url: plane.url, token });
  return {
    postgres,
    home,
    controlUrl,
    superuser,
    get url() {
      return plane.url;
    },
    get token() {
      return plane.token;
    },
    get admin() {
      return clientOf(plane.token);
    },
    async as(role, tenant) {
      const body = { name: `test ${role}`, role, ...(tenant === undefined ? {} : { tenant }) };
      const { token } = await clientOf(plane.token).call('createKey', { body });
      return clientOf(token);
    },
    finished: (id) => waitForOperation(clientOf(plane.token), id),
    async restart(given = {}) {
      await plane.stop();
      plane = await start(given);
    },
    async stop() {
      await plane.stop();
      await superuser.end();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** What a superuser does once for an external database, as the documentation has it. Gives the control role's URL. */
export async function createControlRole(superuserUrl: string, database = 'tenantry'): Promise<string> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  const password = 'control-password';
  try {
    await client.query(
      `CREATE ROLE tenantry_control LOGIN CREATEROLE PASSWORD '${await scramVerifier(password)}'`,
    );
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER tenantry_control`);
  } finally {
    await client.end();
  }
  const url = new URL(withDatabase(superuserUrl, database));
  url.username = 'tenantry_control';
  url.password = password;
  return url.href;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function waitForOperation(client: Client, id: string): Promise<Operation> {
  const query = { topics: `operation:${id}` };
  const stream = await client.open('listenEvents', { query, headers: { 'last-event-id': '0' } });
  const abort = stream.body?.getReader();
  try {
    for (;;) {
      const operation = await client.call('getOperation', { params: { operation: id } });
      if (operation.finishedAt !== null) return operation;
      // Something was said about it: look again.
      if ((await abort?.read())?.done)
        throw new Error(`The event stream ended before the operation ${id} did`);
    }
  } finally {
    await abort?.cancel();
  }
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { createClient, type Client, type Operation, type Role, type Tenant } from '@tenantry/contract';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';

const program = fileURLToPath(new URL('../../../server/bin/tenantry.mjs', import.meta.url));
const builder = fileURLToPath(new URL('../../../../scripts/build-console.mjs', import.meta.url));

/** A control plane with its console: a process of its own, on a PostgreSQL of its own. */
export interface Site {
  /** As `http://127.0.0.1:…`. */
  readonly url: string;
  readonly home: string;
  readonly postgres: TestPostgres;
  /** The local administrator's API key. */
  readonly token: string;
  readonly admin: Client;
  /** As superuser in the control plane's database: to see what is really there, and to break it. */
  readonly superuser: pg.Pool;
  /** A new API key of a role. */
  readonly key: (role: Role, tenant?: string) => Promise<string>;
  /** Provisions a tenant and waits until it is active. */
  readonly tenant: (
    slug: string,
    rest?: { readonly name?: string; readonly plan?: string },
  ) => Promise<Tenant>;
  readonly finished: (operation: string) => Promise<Operation>;
  /** What the control plane has written so far: its log, and reports of the content security policy among it. */
  said(): string;
  readonly stop: () => Promise<void>;
}

/** `env` is added to what the control plane gets, as `TENANTRY_MIGRATIONS`. */
export async function startSite(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const [postgres, home] = await Promise.all([
    startTestPostgres(),
    mkdtemp(join(tmpdir(), 'tenantry console ')),
    promisify(execFile)(process.execPath, [builder]),
  ]);
  const controlUrl = await createControlRole(postgres.superuserUrl);
  const child = spawn(process.execPath, [program, 'up'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: tmpdir(),
      TENANTRY_HOME: home,
      TENANTRY_PORT: '0',
      DATABASE_URL: controlUrl,
      TENANTRY_WARM_POOL: '0',
      TENANTRY_RATE_LIMIT: '1000000',
      // What runs by itself would make every other test slower; tests about it say how often.
      TENANTRY_ISOLATION_AUDIT_EVERY: '0s',
      TENANTRY_ISOLATION_PROBES_EVERY: '0s',
      TENANTRY_ISOLATION_FAULTS_EVERY: '0s',
      TENANTRY_LOG_LEVEL: process.env['TEST_LOG'] ?? 'warn',
      ...env,
    },
  });
  const ended = once(child, 'close');
  // A test that is ended in the middle leaves no server behind.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let said = '';
  const url = await addressOf(child, (text) => (said += text));
  const token = (await readFile(join(home, 'admin-token'), 'utf8')).trim();
  const admin = createClient({ url, token });
  const superuser = new pg.Pool({
    connectionString: withDatabase(postgres.superuserUrl, 'tenantry'),
    max: 4,
  });
  superuser.on('error', () => {});
  // As the documentation has it for an external database: the audit trail is out of the control role's reach.
  await superuser.query('REVOKE tenantry_audit FROM tenantry_control');
  const finished = (id: string) => waitForOperation(admin, id);
  return {
    url,
    home,
    postgres,
    token,
    admin,
    superuser,
    finished,
    said: () => said,
    async key(role, tenant) {
      const body = { name: `test ${role}`, role, ...(tenant === undefined ? {} : { tenant }) };
      return (await admin.call('createKey', { body })).token;
    },
    async tenant(slug, rest = {}) {
      const { operation } = await admin.call('createTenant', { body: { slug, ...rest } });
      const { state, error } = await finished(operation.id);
      if (state !== 'succeeded') throw new Error(`${slug}: ${error?.code} ${error?.message}`);
      return admin.call('getTenant', { params: { tenant: slug } });
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', end);
      await superuser.end();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function addressOf(child: ReturnType<typeof spawn>, hear: (text: string) => void): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const take = (text: string) => {
      said += text;
      hear(text);
      if (process.env['TEST_LOG']) process.stderr.write(text);
      const url = /serving at (http:\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url.replace(/\/$/, ''));
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    child.once('close', () => reject(new Error(`The control plane ended before it served:\n${said}`)));
  });
}

/** What a superuser does once for an external database. */
async function createControlRole(superuserUrl: string): Promise<string> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  try {
    await client.query(`CREATE ROLE tenantry_control LOGIN CREATEROLE PASSWORD 'control-password'`);
    await client.query('CREATE DATABASE tenantry OWNER tenantry_control');
    // Nothing of any database is everybody's.
    await client.query('REVOKE ALL ON DATABASE postgres FROM PUBLIC');
    await client.query('REVOKE ALL ON DATABASE template1 FROM PUBLIC');
  } finally {
    await client.end();
  }
  const url = new URL(withDatabase(superuserUrl, 'tenantry'));
  url.username = 'tenantry_control';
  url.password = 'control-password';
  return url.href;
}

function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function waitForOperation(client: Client, id: string): Promise<Operation> {
  const query = { topics: `operation:${id}` };
  const stream = await client.open('listenEvents', { query, headers: { 'last-event-id': '0' } });
  const reader = stream.body?.getReader();
  try {
    for (;;) {
      const operation = await client.call('getOperation', { params: { operation: id } });
      if (operation.finishedAt !== null) return operation;
      // Something was said about it: look again.
      if ((await reader?.read())?.done)
        throw new Error(`The event stream ended before the operation ${id} did.`);
    }
  } finally {
    await reader?.cancel();
  }
}

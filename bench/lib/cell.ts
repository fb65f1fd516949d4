import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino, type Logger } from 'pino';
import { deriveCredential, scramVerifier } from '@tenantry/tenancy';
import { startTestPostgres, type TestPostgres } from '@tenantry/tenancy/embedded';
import type { OptionName } from '../../packages/server/src/config.ts';
import { Cells, type Cell } from '../../packages/server/src/db/cells/registry.ts';
import { systemActor } from '../../packages/server/src/db/context.ts';
import { openControlDatabase, type ControlDatabase } from '../../packages/server/src/db/database.ts';
import { credentialKey } from '../../packages/server/src/db/secrets.ts';
import type { TenantContext } from '../../packages/server/src/tenants/context.ts';
import { MigrationSource } from '../../packages/server/src/tenants/migration-source.ts';
import type { PlaneAddress } from './plane.ts';

/**
 * What floor and product run on: settings of a server that keeps its promises (fsync and full_page_writes on), with
 * checkpoints far apart, as any guide to bulk DDL advises.
 */
export const benchSettings = {
  cluster_name: 'tenantry-bench',
  fsync: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_locks_per_transaction: 1024,
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  log_min_error_statement: 'panic',
} as const;

/** A control plane that runs. */
export interface Plane extends PlaneAddress {
  stop(): Promise<void>;
}

/** A private PostgreSQL that is prepared as a cell, with the parts of the product that can be called without HTTP. */
export interface BenchCell {
  readonly postgres: TestPostgres;
  readonly controlUrl: string;
  readonly superuser: pg.Client;
  readonly control: ControlDatabase;
  readonly cell: Cell;
  /** What background work gets; its jobs go nowhere. */
  readonly ctx: TenantContext;
  /** Starts a control plane on it, with options of `tenantry up`. */
  startPlane(options?: Partial<Record<OptionName, string>>): Promise<Plane>;
  stop(): Promise<void>;
}

/** `migrations` is the directory of the set; `extensions` those that the cell allows. */
export async function startBenchCell(
  migrations: string,
  options: Partial<Record<OptionName, string>> = {},
): Promise<BenchCell> {
  const postgres = await startTestPostgres({ settings: benchSettings });
  const home = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  const controlUrl = await createControlRole(postgres.superuserUrl);
  const superuser = new pg.Client(withDatabase(postgres.superuserUrl));
  await superuser.connect();
  const log: Logger = pino({ level: process.env['BENCH_LOG'] ?? 'warn' }, pino.destination(2));
  const startPlane = async (more: Partial<Record<OptionName, string>> = {}): Promise<Plane> => {
    const given = {
      home,
      databaseUrl: controlUrl,
      port: '0',
      warmPool: '0',
      rateLimit: '1000000',
      // Hourly and weekly: not in the seconds that are measured. The audit of every five minutes stays.
      isolationProbesEvery: '0s',
      isolationFaultsEvery: '0s',
      migrations,
    };
    const all = JSON.stringify({ ...given, ...options, ...more });
    // Not as an argument: it holds a password, and arguments show in process lists.
    const env = { ...process.env, BENCH_OPTIONS: all };
    const child = fork(fileURLToPath(new URL('plane.ts', import.meta.url)), { env });
    const failed = once(child, 'exit').then(() => {
      throw new Error('The control plane of the benchmark ended.');
    });
    failed.catch(() => {});
    const [address] = (await Promise.race([once(child, 'message'), failed])) as [PlaneAddress];
    return {
      ...address,
      async stop() {
        const exit = once(child, 'exit');
        child.disconnect();
        await exit;
      },
    };
  };
  // Installs the control schema and prepares the cell, exactly as `tenantry up` does.
  await (await startPlane()).stop();
  const control = openControlDatabase(controlUrl, 8);
  const key = await credentialKey(home, undefined);
  const cells = new Cells({ db: control.db, credentialKey: key, defaultUrl: controlUrl, size: 8 });
  const { id } = await control.db.selectFrom('cells').select('id').executeTakeFirstOrThrow();
  const ctx: TenantContext = {
    control,
    cells,
    migrations: new MigrationSource([migrations], {}),
    jobs: { enqueueOperation: () => Promise.resolve(), startSoon: () => {}, replenishSoon: () => {} },
    events: { wake: () => {} },
    actor: systemActor('bench'),
    onlyTenant: null,
    requestId: null,
    sourceIp: null,
    clock: () => new Date(),
    log,
  };
  return {
    postgres,
    controlUrl,
    superuser,
    control,
    cell: await cells.get(id),
    ctx,
    startPlane,
    async stop() {
      await cells.close();
      await control.close();
      await superuser.end();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** What a superuser does once for an external database. */
async function createControlRole(superuserUrl: string): Promise<string> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  const password = deriveCredential(new Uint8Array(32), 'tenantry_control', 1);
  try {
    const verifier = pg.escapeLiteral(await scramVerifier(password));
    await client.query(`CREATE ROLE tenantry_control LOGIN CREATEROLE PASSWORD ${verifier}`);
    await client.query('CREATE DATABASE tenantry OWNER tenantry_control');
  } finally {
    await client.end();
  }
  const url = new URL(withDatabase(superuserUrl));
  url.username = 'tenantry_control';
  url.password = password;
  return url.href;
}

function withDatabase(url: string): string {
  const other = new URL(url);
  other.pathname = '/tenantry';
  return other.href;
}

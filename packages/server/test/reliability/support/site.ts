import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startTestPostgres, type TestPostgres, type TestPostgresOptions } from '@tenantry/tenancy/embedded';
import { createControlRole, withDatabase } from '../../support/server.ts';
import { spawnServer, type ServerProcess } from '../../support/process.ts';
import { writeMigrations } from './faults.ts';

/** A PostgreSQL, a home and migrations for control planes that come and go. */
export interface Site {
  readonly postgres: TestPostgres;
  readonly controlUrl: string;
  readonly home: string;
  readonly migrations: string;
  readonly superuser: pg.Pool;
  /** Starts another process here; `stop` ends those that still run. */
  spawn(env?: Readonly<Record<string, string>>): ServerProcess;
  stop(): Promise<void>;
}

export async function openSite(options: TestPostgresOptions = {}): Promise<Site> {
  const postgres = await startTestPostgres({ settings: { max_connections: 200, ...options.settings } });
  const controlUrl = await createControlRole(postgres.superuserUrl);
  const home = await mkdtemp(join(tmpdir(), 'tenantry broken '));
  const migrations = await writeMigrations(home);
  const superuser = new pg.Pool({
    connectionString: withDatabase(postgres.superuserUrl, 'tenantry'),
    max: 40,
  });
  superuser.on('error', () => {});
  const processes: ServerProcess[] = [];
  return {
    postgres,
    controlUrl,
    home,
    migrations,
    superuser,
    spawn(env = {}) {
      const started = spawnServer({
        DATABASE_URL: controlUrl,
        TENANTRY_HOME: home,
        TENANTRY_MIGRATIONS: migrations,
        ...env,
      });
      processes.push(started);
      return started;
    },
    async stop() {
      await Promise.all(processes.map((each) => each.kill()));
      await superuser.end();
      await postgres.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SUPERUSER } from './cluster.ts';
import { EmbeddedError } from './errors.ts';
import { copyGolden, goldenCluster } from './golden.ts';
import { freePort } from './ports.ts';
import type { PostgresProcess } from './process.ts';
import { startPostgres } from './process.ts';
import type { Settings } from './settings.ts';
import { isMemoryStillInUse } from './start-failure.ts';
import { dieWithParent } from './watchdog.ts';

/** Options of {@link startTestPostgres}. */
export interface TestPostgresOptions {
  /** PostgreSQL settings that win over those of tests. */
  readonly settings?: Settings;
}

/** A private PostgreSQL of one test file. */
export interface TestPostgres {
  /** `postgresql://postgres:…@127.0.0.1:<port>/postgres`, a superuser. */
  readonly superuserUrl: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** Ends the server and removes its directory. Harmless when called again. */
  stop(): Promise<void>;
  /** Ends the server as a crash would: no checkpoint, every connection cut. The data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts again on the same port and data, after `kill` or while running. */
  restart(): Promise<void>;
}

/**
 * Nothing of a test needs to survive a power cut, so nothing waits for a disk. Commits still reach the kernel (synchronous_commit stays on):
 * what a test committed is there after `kill`.
 */
const TEST_SETTINGS: Settings = {
  cluster_name: 'tenantry-test',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_locks_per_transaction: 256,
  log_min_error_statement: 'error',
};

/**
 * A real PostgreSQL 18 for one test file: a copy of a golden cluster on a free port, ready in less than half a second.
 * It ends with the process that started it, even after kill -9.
 *
 * @throws EmbeddedError as `startPostgres`
 * @example
 * ```ts
 * let postgres: TestPostgres;
 * beforeAll(async () => { postgres = await startTestPostgres(); });
 * afterAll(() => postgres.stop());
 * ```
 */
export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const golden = await goldenCluster();
  const { directory, account } = await copyGolden(golden);
  const dataDirectory = join(directory, 'data');
  const settings = { ...TEST_SETTINGS, ...options.settings };
  let server: PostgresProcess;
  let callOffWatchdog: () => void;

  const startOn = async (port: number): Promise<void> => {
    server = await startPatiently({
      dataDirectory,
      port,
      settings,
      logFile: join(directory, 'postgres.log'),
    });
    callOffWatchdog = dieWithParent({ pid: server.pid, directory, account });
    // A number that is free again may be given to another program, which the watchdog must not hit.
    void server.exited.then(callOffWatchdog);
  };
  const end = async (): Promise<void> => {
    callOffWatchdog();
    await server.stop('immediate');
  };

  try {
    await onFreePort(startOn);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  const { port } = server!;
  return {
    superuserUrl: `postgresql://${SUPERUSER}:${golden.superuserPassword}@127.0.0.1:${String(port)}/postgres`,
    port,
    dataDirectory,
    async stop() {
      await end();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
    kill: end,
    async restart() {
      callOffWatchdog();
      await server.stop('fast');
      await startOn(port);
    },
  };
}

async function onFreePort(start: (port: number) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      const isTaken = error instanceof EmbeddedError && error.code === 'EMBEDDED_PORT_TAKEN';
      if (!isTaken || attempt === 10) throw error;
    }
  }
}

async function startPatiently(options: Parameters<typeof startPostgres>[0]): Promise<PostgresProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostgres(options);
    } catch (error) {
      if (!isMemoryStillInUse(error) || attempt === 50) throw error;
    }
  }
}

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import { clusterVersion } from './cluster.ts';
import { EmbeddedError } from './errors.ts';
import { clearStalePidFile, readPidFile } from './pid-file.ts';
import type { Settings } from './settings.ts';
import { settingArguments } from './settings.ts';
import { startFailure } from './start-failure.ts';

/** Options of {@link startPostgres}. */
export interface StartPostgresOptions {
  /** A directory that `initCluster` made. */
  readonly dataDirectory: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** PostgreSQL settings that win over Tenantry's defaults. */
  readonly settings?: Settings;
  /** Where the server's messages are appended; default `<dataDirectory>/postgres.log`. */
  readonly logFile?: string;
  /** How long crash recovery may take, in milliseconds; default 120,000. */
  readonly startTimeoutMs?: number;
}

/** How a PostgreSQL ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `fast`: roll back what is open, write a checkpoint, end. `immediate`: end now; the next start runs crash recovery. */
export type StopMode = 'fast' | 'immediate';

/** A running PostgreSQL server. */
export interface PostgresProcess {
  readonly pid: number;
  readonly port: number;
  readonly dataDirectory: string;
  /** False from the moment the server ended, for whatever reason. */
  readonly running: boolean;
  /** Settles when the server ends, never rejects. */
  readonly exited: Promise<Exit>;
  /** Ends the server and waits for it; a `fast` stop becomes `immediate` after 20 s. Calling it again, or after a crash, is harmless. */
  stop(mode?: StopMode): Promise<void>;
}

const FAST_STOP_MS = 20_000;
const IMMEDIATE_STOP_MS = 5_000;
const POLL_MS = 10;

/**
 * Starts PostgreSQL as a child process and resolves when it accepts connections.
 *
 * It listens on 127.0.0.1 and, where the path is short enough, on a socket in its data directory. It runs in a session of its own, so
 * that Ctrl-C in a terminal reaches this program only, which then stops its database last.
 *
 * @throws EmbeddedError `EMBEDDED_PORT_TAKEN`, `EMBEDDED_ALREADY_RUNNING`, `EMBEDDED_HOME_UNUSABLE`, `EMBEDDED_PLATFORM_UNSUPPORTED`,
 * `EMBEDDED_START_FAILED` (with the last lines of the log)
 * @example
 * ```ts
 * const postgres = await startPostgres({ dataDirectory, port: 5433 });
 * await postgres.stop('fast');
 * ```
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresProcess> {
  const version = await clusterVersion(options.dataDirectory);
  if (version === undefined) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `${options.dataDirectory} holds no PostgreSQL cluster that this user can read. Make it with initCluster first.`,
    );
  }
  const dataDirectory = await realpath(options.dataDirectory);
  const account = await serverAccount(dataDirectory);
  const binaries = await postgresBinaries(account);
  if (binaries.version.split('.')[0] !== version) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `${dataDirectory} was made by PostgreSQL ${version}; this is PostgreSQL ${binaries.version}. Dump and restore it, or use another directory.`,
    );
  }
  await clearStalePidFile(dataDirectory);

  const logFile = options.logFile ?? join(dataDirectory, 'postgres.log');
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const child = spawn(
    binaries.postgres,
    ['-D', dataDirectory, ...settingArguments(dataDirectory, options.port, options.settings)],
    {
      cwd: dataDirectory,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      ...account,
    },
  );
  const { server, spawnError } = supervise(child, { ...options, dataDirectory });
  await log.close();
  if (await becameReady(server, options.startTimeoutMs ?? 120_000)) return server;
  await server.stop('immediate');
  throw await startFailure({ logFile, logStart, port: options.port, cause: spawnError() });
}

interface Supervised {
  readonly server: PostgresProcess;
  readonly spawnError: () => Error | undefined;
}

function supervise(child: ChildProcess, options: StartPostgresOptions): Supervised {
  let running = child.pid !== undefined;
  let spawnError: Error | undefined;
  const exited = new Promise<Exit>((resolve) => {
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      running = false;
      resolve({ code, signal });
    };
    child.once('exit', ended).on('error', (error) => {
      // Also emitted when a signal cannot be sent; only a child without a pid never came to be.
      spawnError = error;
      if (child.pid === undefined) ended(null, null);
    });
  });

  const endsWithin = async (milliseconds: number): Promise<boolean> => {
    const timer = new AbortController();
    const timeout = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
    return Promise.race([exited.then(() => true), timeout]).finally(() => timer.abort());
  };

  const server: PostgresProcess = {
    pid: child.pid ?? 0,
    port: options.port,
    dataDirectory: options.dataDirectory,
    exited,
    get running() {
      return running;
    },
    async stop(mode = 'fast') {
      if (mode === 'fast' && running) {
        child.kill('SIGINT');
        if (await endsWithin(FAST_STOP_MS)) return;
      }
      if (running) {
        child.kill('SIGQUIT');
        if (await endsWithin(IMMEDIATE_STOP_MS)) return;
        child.kill('SIGKILL');
      }
      await exited;
    },
  };
  return { server, spawnError: () => spawnError };
}

async function becameReady(server: PostgresProcess, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (server.running && performance.now() < deadline) {
    const file = await readPidFile(server.dataDirectory);
    if (file?.pid === server.pid && file.ready) return true;
    await Promise.race([server.exited, delay(POLL_MS)]);
  }
  return false;
}

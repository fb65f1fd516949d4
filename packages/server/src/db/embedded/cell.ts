import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Settings } from '@tenantry/tenancy/embedded';
import { SUPERUSER } from '@tenantry/tenancy/embedded';
import { CONTROL_ROLE, DATABASE, bootstrap, lendAuditRole } from './bootstrap.ts';
import { openCluster, startOn, startOnSomePort } from './cluster.ts';
import { followLog } from './follow-log.ts';
import type { HomeLock } from './home-lock.ts';
import { lockHome } from './home-lock.ts';
import type { Layout } from './layout.ts';
import { layoutOf, makeDirectories } from './layout.ts';
import type { LoggedRefusal } from './log-lines.ts';
import { stopOrphan } from './orphan.ts';
import { rotateLog } from './rotate-log.ts';
import type { CrashEvent, Supervisor } from './supervisor.ts';
import { supervise } from './supervisor.ts';

/** The part of a pino logger that the embedded cell uses. */
export interface CellLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Options of {@link startEmbeddedCell}. */
export interface EmbeddedCellOptions {
  /** `TENANTRY_HOME`. Made when missing; its data is kept between starts. */
  readonly home: string;
  /** The port of PostgreSQL on 127.0.0.1. Absent or 0: the one of the last start if it is free, else any. */
  readonly port?: number;
  readonly log: CellLog;
  /** PostgreSQL settings that win over Tenantry's. */
  readonly settings?: Settings;
}

/** A running embedded cell. Its connection strings stay the same for as long as it runs, crashes included. */
export interface EmbeddedCell {
  /** Connection string of `tenantry_control` to the database `tenantry`. */
  readonly controlUrl: string;
  /** Connection string of the superuser to the same database: for tests and for repair, never for the program's own work. */
  readonly superuserUrl: string;
  readonly port: number;
  /** The pid of PostgreSQL; another one after a crash. */
  readonly pid: number;
  readonly dataDirectory: string;
  /** Runs `fn` while the control role may become `tenantry_audit`; calls wait for one another. */
  withAuditGrant<T>(fn: () => Promise<T>): Promise<T>;
  /** Tells about crashes and restarts. @returns a function that ends the telling */
  onCrash(listener: (event: CrashEvent) => void): () => void;
  /**
   * Tells of statements and logins that PostgreSQL refuses, a moment after its log has them, from its start on.
   * @returns the way to end the telling, after what the log has by then
   */
  onRefusals(tell: (refusals: readonly LoggedRefusal[]) => void): () => Promise<void>;
  /** Fast shutdown. May be called at any time, any number of times. */
  stop(): Promise<void>;
}

/** An embedded cell that is not running yet. */
export interface EmbeddedCellService {
  /** Starts it. Calls at the same time get the same promise; after `stop` it may be started again. */
  start(): Promise<EmbeddedCell>;
  /** Stops it, also when it is just starting. Harmless when it never was started or is stopped already. */
  stop(): Promise<void>;
}

const ROTATE_EVERY_MS = 60_000;

/** The embedded cell of a home, as something that can be started and stopped. */
export function embeddedCell(options: EmbeddedCellOptions): EmbeddedCellService {
  let current: Promise<EmbeddedCell> | undefined;
  return {
    start() {
      if (current === undefined) {
        const started = startEmbeddedCell(options);
        current = started;
        // A failed start may be tried again.
        started.catch(() => {
          if (current === started) current = undefined;
        });
      }
      return current;
    },
    async stop() {
      const stopping = current;
      // The start's own error went to whoever called start.
      const cell = await stopping?.catch(() => undefined);
      await cell?.stop();
      if (current === stopping) current = undefined;
    },
  };
}

/**
 * Starts the PostgreSQL of a home and brings it into shape: the first time it is made, later its data is kept.
 *
 * @throws EmbeddedError `EMBEDDED_ALREADY_RUNNING` (another process uses the home; `pid`), `EMBEDDED_PORT_TAKEN` (only for an explicit port),
 * `EMBEDDED_HOME_UNUSABLE`, `EMBEDDED_PLATFORM_UNSUPPORTED`, `EMBEDDED_START_FAILED`
 * @example
 * ```ts
 * const cell = await startEmbeddedCell({ home: '.tenantry', log });
 * const pool = new pg.Pool({ connectionString: cell.controlUrl });
 * await cell.stop();
 * ```
 */
export async function startEmbeddedCell(options: EmbeddedCellOptions): Promise<EmbeddedCell> {
  const layout = layoutOf(resolve(options.home));
  await makeDirectories(layout);
  const lock = await lockHome(layout.postgres);
  try {
    return await startLocked(options, layout, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startLocked(
  options: EmbeddedCellOptions,
  layout: Layout,
  lock: HomeLock,
): Promise<EmbeddedCell> {
  const { log } = options;
  const orphan = await stopOrphan(layout.dataDirectory);
  if (orphan !== undefined)
    log.warn({ pid: orphan }, 'stopped a PostgreSQL that an earlier process had left running');
  const passwords = await openCluster(layout);
  await rotateLog(layout.logFile);
  const logStart = await stat(layout.logFile).then(
    ({ size }) => size,
    () => 0,
  );

  const start = { layout, port: options.port, settings: options.settings };
  const server = await startOnSomePort(start);
  const listeners = new Set<(event: CrashEvent) => void>();
  const supervisor = supervise({
    server,
    restart: () => startOn(start, server.port),
    tell: (event) => {
      log.warn(event, `embedded PostgreSQL ${event.type}`);
      for (const listener of listeners) listener(event);
    },
  });
  const url = (role: string, password: string, database: string): string =>
    `postgresql://${role}:${password}@127.0.0.1:${String(server.port)}/${database}`;
  const asSuperuser = (database: string): string => url(SUPERUSER, passwords.superuser, database);
  try {
    await bootstrap({ url: asSuperuser, controlPassword: passwords.control });
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  log.info({ port: server.port, pid: server.pid, home: layout.home }, 'embedded PostgreSQL is ready');
  return handle(supervisor, listeners, {
    lock,
    controlUrl: url(CONTROL_ROLE, passwords.control, DATABASE),
    superuserUrl: asSuperuser(DATABASE),
    logFile: layout.logFile,
    logStart,
  });
}

interface Parts {
  readonly lock: HomeLock;
  readonly controlUrl: string;
  readonly superuserUrl: string;
  readonly logFile: string;
  /** Length of the log before this start. */
  readonly logStart: number;
}

function handle(
  supervisor: Supervisor,
  listeners: Set<(event: CrashEvent) => void>,
  parts: Parts,
): EmbeddedCell {
  let lending: Promise<unknown> = Promise.resolve();
  const rotation = setInterval(() => void rotateLog(parts.logFile).catch(() => undefined), ROTATE_EVERY_MS);
  rotation.unref();
  let stopped: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    clearInterval(rotation);
    await supervisor.stop();
    await parts.lock.release();
  };
  return {
    controlUrl: parts.controlUrl,
    superuserUrl: parts.superuserUrl,
    port: supervisor.server.port,
    dataDirectory: supervisor.server.dataDirectory,
    get pid() {
      return supervisor.server.pid;
    },
    withAuditGrant(fn) {
      // One at a time: whoever ends first would take the role from under the other.
      const lent = lending.then(() => lendAuditRole(parts.superuserUrl, fn));
      lending = lent.catch(() => undefined);
      return lent;
    },
    onCrash(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRefusals: (tell) => followLog({ file: parts.logFile, from: parts.logStart, tell }),
    stop() {
      stopped ??= end();
      return stopped;
    },
  };
}

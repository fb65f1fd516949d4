import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, PostgresProcess } from '@tenantry/tenancy/embedded';

/** What happens to the server after it was started. */
export type CrashEvent =
  | { readonly type: 'crashed'; readonly exit: Exit }
  | { readonly type: 'restarted'; readonly pid: number; readonly downMs: number }
  | { readonly type: 'restart-failed'; readonly error: unknown; readonly retryInMs: number };

/** Keeps one PostgreSQL alive until it is told to stop. */
export interface Supervisor {
  /** The server that runs now, or ran last. */
  readonly server: PostgresProcess;
  /** Fast shutdown; also ends a restart that is under way. May be called at any time, any number of times. */
  stop(): Promise<void>;
}

/** Options of {@link supervise}. */
export interface SuperviseOptions {
  /** The first server, already running. */
  readonly server: PostgresProcess;
  readonly restart: () => Promise<PostgresProcess>;
  readonly tell: (event: CrashEvent) => void;
  /** First and longest wait before a restart, in milliseconds; default 100 and 5,000. */
  readonly backOffMs?: readonly [first: number, longest: number];
}

/** A server that lived this long has recovered: its next crash waits for the shortest time again. */
const HEALTHY_MS = 30_000;

/**
 * Restarts the server whenever it ends by itself, after 0.1 s, 0.2 s … 5 s while it keeps ending.
 *
 * @example
 * ```ts
 * const supervisor = supervise({ server, restart: () => startPostgres(options), tell: (event) => log.warn(event) });
 * ```
 */
export function supervise(options: SuperviseOptions): Supervisor {
  const [first, longest] = options.backOffMs ?? [100, 5_000];
  const stopping = new AbortController();
  const { signal } = stopping;
  let { server } = options;

  const startAgain = async (since: number, wait: number): Promise<number> => {
    for (;;) {
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return wait;
      wait = Math.min(wait * 2, longest);
      try {
        server = await options.restart();
        options.tell({ type: 'restarted', pid: server.pid, downMs: Math.round(performance.now() - since) });
        return wait;
      } catch (error) {
        options.tell({ type: 'restart-failed', error, retryInMs: wait });
      }
    }
  };

  const keepAlive = async (): Promise<void> => {
    let wait = first;
    while (!signal.aborted) {
      const started = performance.now();
      const exit = await server.exited;
      if (signal.aborted) return;
      options.tell({ type: 'crashed', exit });
      if (performance.now() - started > HEALTHY_MS) wait = first;
      wait = await startAgain(performance.now(), wait);
    }
  };

  const finished = keepAlive();
  return {
    get server() {
      return server;
    },
    async stop() {
      stopping.abort();
      await server.stop('fast');
      await finished;
      // A restart that was under way when we were called has just come to its end.
      await server.stop('fast');
    },
  };
}

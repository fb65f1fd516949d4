import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '@tenantry/contract';

const program = fileURLToPath(new URL('../../bin/tenantry.mjs', import.meta.url));

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `tenantry up` as a process of its own: what only a real process can show, as being killed. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Settles when it serves; rejects with what it said when it ends before. */
  readonly serving: Promise<{ readonly url: string; readonly admin: Client; readonly token: string }>;
  readonly ended: Promise<ProcessEnd>;
  /** What it has written so far, both streams. */
  output(): string;
  /** Ends it without a chance to clean up, and waits for that. Harmless when it has ended. */
  kill(): Promise<void>;
}

/** Starts it on any free port; `env` is all it gets besides what Node itself needs. */
export function spawnServer(
  env: Readonly<Record<string, string>> & { TENANTRY_HOME: string },
): ServerProcess {
  const child = spawn(process.execPath, [program, 'up'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
      TENANTRY_PORT: '0',
      TENANTRY_WARM_POOL: '0',
      TENANTRY_ISOLATION_AUDIT_EVERY: '0s',
      TENANTRY_ISOLATION_PROBES_EVERY: '0s',
      TENANTRY_ISOLATION_FAULTS_EVERY: '0s',
      TENANTRY_RATE_LIMIT: '1000000',
      TENANTRY_LOG_LEVEL: process.env['TEST_LOG'] ?? 'error',
      ...env,
    },
  });
  let output = '';
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const said = new Promise<string>((resolve) => {
    const take = (text: string) => {
      output += text;
      if (process.env['TEST_LOG']) process.stderr.write(text);
      const url = /serving at (http:\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
  });
  const tooSoon = ended.then(({ code, signal }) => {
    throw new Error(`tenantry up ended (${code ?? signal}) before it served:\n${output}`);
  });
  const serving = Promise.race([said, tooSoon]).then(async (url) => {
    const token = (await readFile(join(env.TENANTRY_HOME, 'admin-token'), 'utf8')).trim();
    return { url, token, admin: createClient({ url, token }) };
  });
  // Not every test waits for it; those that expect it to end early look at `ended`.
  serving.catch(() => {});
  return {
    child,
    serving,
    ended,
    output: () => output,
    async kill() {
      // A process that is stopped takes SIGKILL as well.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

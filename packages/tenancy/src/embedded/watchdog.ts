import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

/** Waits for the end of its input, which comes when the parent ends in whatever way; then ends the server and removes its directory. */
const SCRIPT = [
  'read -r _',
  'kill -QUIT "$1" 2>/dev/null',
  // A container without an init never reaps its orphans, so the wait has an end.
  'for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 1; done',
  'exec rm -rf -- "$2"',
].join('\n');

/** What dies with this process. */
export interface Watched {
  readonly pid: number;
  /** Removed after the server ended. */
  readonly directory: string;
  readonly account?: Account | undefined;
}

/**
 * Ties a server to this process: PostgreSQL does not notice that its parent is gone, and after kill -9 no handler of ours runs.
 * A shell (under 1 MB) reads from a pipe whose other end only we hold; the kernel closes it for us.
 *
 * @returns a function that calls the watchdog off; to be called before the server is stopped
 */
export function dieWithParent(watched: Watched): () => void {
  const shell: ChildProcess = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'watchdog', String(watched.pid), watched.directory],
    {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      ...watched.account,
    },
  );
  shell.on('error', () => undefined);
  shell.stdin?.on('error', () => undefined);
  shell.unref();
  const pipe: unknown = shell.stdin;
  if (pipe !== null && typeof pipe === 'object' && 'unref' in pipe && typeof pipe.unref === 'function')
    pipe.unref();
  return () => void shell.kill('SIGKILL');
}

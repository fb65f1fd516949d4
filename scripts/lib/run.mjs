import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * A terminal sends Ctrl-C (SIGINT) and a hang-up to every process of its foreground group, so the child has it
 * already; a second one would look like the impatient "stop at once". SIGTERM comes from a program that knows
 * only our pid, and must be passed on.
 *
 * @param {string} signal
 */
const reachesWholeGroup = (signal) => signal !== 'SIGTERM' && (process.stdin.isTTY || process.stdout.isTTY);

/**
 * npm passes SIGTERM to the shell between itself and this process, and that shell dies without passing it on. So under
 * npm the death of the parent means the same. Elsewhere it means nothing: a shell may end before what it started.
 *
 * @param {() => void} onOrphaned
 * @returns {() => void} stops watching
 */
function watchParent(onOrphaned) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onOrphaned();
  }, 500);
  return () => clearInterval(timer);
}

/**
 * Runs a program to its end and returns the exit code that a shell would show: its own, or 128 + n when signal n ended it.
 * While it runs, SIGINT, SIGTERM and SIGHUP are left to the child: this process outlives it and reports its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, stdin?: 'inherit' | 'ignore' }} [options]
 *   `capture` collects stdout and stderr into `output` instead of showing them
 * @returns {Promise<{ code: number, signal: string | null, output: string }>}
 *   rejects with the error of `spawn` when the program cannot be started
 */
export function run(command, args, { cwd, env = process.env, capture = false, stdin = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const out = capture ? 'pipe' : 'inherit';
    const child = spawn(command, args, { cwd, env, stdio: [stdin, out, out] });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));

    const listeners = forwarded.map((signal) => {
      const listener = () => void (reachesWholeGroup(signal) || child.kill(signal));
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    listeners.push(watchParent(() => child.kill('SIGTERM')));
    const done = () => listeners.forEach((remove) => remove());

    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      const output = Buffer.concat(chunks).toString('utf8');
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), signal, output });
    });
  });
}

import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const NOBODY = { uid: 65_534, gid: 65_534 };

/** A program that answers with one JSON object a line. */
export interface Program {
  readonly child: ChildProcess;
  next(): Promise<Readonly<Record<string, unknown>>>;
}

/** Runs a fixture of this folder with `node`, as another account when one is given. */
export function runFixture(name: string, args: readonly string[], account?: typeof NOBODY): Program {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: process.env['TMPDIR'] ?? '/tmp' },
    ...account,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async next() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${name} ended without an answer`);
      return JSON.parse(line.value) as Readonly<Record<string, unknown>>;
    },
  };
}

export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Whether `nobody` can run this project at all: not when it lies in a closed directory such as /root, and only root can try. */
export async function canActAsNobody(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const file = fileURLToPath(new URL('run-cell.ts', import.meta.url));
  return promisify(execFile)(process.execPath, ['--check', file], { cwd: '/', ...NOBODY }).then(
    () => true,
    () => false,
  );
}

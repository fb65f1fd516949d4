import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError } from './errors.ts';

/** What `postmaster.pid` says: which process serves the directory, where, and whether it already accepts connections. */
export interface PidFile {
  readonly pid: number;
  readonly port: number | undefined;
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; undefined where there is none (or it is being written). Its lines are documented in PostgreSQL's `pidfile.h`. */
export async function readPidFile(dataDirectory: string): Promise<PidFile | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined, ready: lines[7] === 'ready' };
}

/**
 * The pid of a PostgreSQL that serves this directory at this moment, or undefined.
 *
 * A pid file proves nothing: after a crash or a reboot its number may belong to any program. The process it names counts only
 * when it is a `postgres` whose working directory is this one.
 */
export async function runningPostmaster(dataDirectory: string): Promise<number | undefined> {
  const file = await readPidFile(dataDirectory);
  if (file === undefined) return undefined;
  return (await isPostmasterOf(file.pid, dataDirectory)) ? file.pid : undefined;
}

async function isPostmasterOf(pid: number, dataDirectory: string): Promise<boolean> {
  const directory = await realpath(dataDirectory);
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(
      () => ({ stdout: '' }),
    );
    return stdout.includes('postgres') && stdout.includes(directory);
  }
  // Another user's process (EACCES) cannot be ours: PostgreSQL runs only as the owner of its directory.
  const workingDirectory = await readlink(`/proc/${String(pid)}/cwd`).catch(() => '');
  const commandLine = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return workingDirectory === directory && basename(commandLine.split('\0')[0] ?? '') === 'postgres';
}

/**
 * Makes way for a start: removes a pid file whose process is gone or is another program.
 *
 * PostgreSQL does so itself unless the number now belongs to a process of the same user, and then it refuses for ever.
 *
 * @throws EmbeddedError `EMBEDDED_ALREADY_RUNNING` when a PostgreSQL serves the directory
 */
export async function clearStalePidFile(dataDirectory: string): Promise<void> {
  const pid = await runningPostmaster(dataDirectory);
  if (pid !== undefined) {
    throw new EmbeddedError(
      'EMBEDDED_ALREADY_RUNNING',
      `A PostgreSQL (pid ${String(pid)}) already serves ${dataDirectory}. Stop it first, or use another directory.`,
      { pid },
    );
  }
  await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
}

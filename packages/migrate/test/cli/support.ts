import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { runMigrateCli } from '../../src/cli/index.ts';
import { startTestPostgres } from '@tenantry/tenancy/embedded';

const program = fileURLToPath(new URL('../../bin/tenantry-migrate.mjs', import.meta.url));

/** How a process ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is around a process. */
export interface Around {
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called with a way to send a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => Promise<void>;
}

/** Runs the real program in a process of its own, without anything of this environment but the path. */
export function tenantryMigrate(argv: readonly string[], around: Around = {}): Promise<Ran> {
  const { directory = tmpdir(), env = {}, stdin = '', onStart } = around;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...argv], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: join(directory, 'no home'), ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(stdin);
    onStart?.((signal) => void child.kill(signal)).catch(reject);
  });
}

/** Runs the same in this process, which takes a tenth of the time; only what is the process's own differs. */
export async function runHere(argv: readonly string[], around: Around = {}): Promise<Ran> {
  const { directory = tmpdir(), env = {}, stdin = '' } = around;
  let stdout = '';
  let stderr = '';
  const code = await runMigrateCli(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: Readable.from([stdin]),
    env,
    directory,
    home: join(directory, 'no home'),
  });
  return { code, stdout, stderr };
}

/** A private PostgreSQL for one test file. */
export interface Server {
  readonly url: string;
  readonly client: pg.Client;
  stop(): Promise<void>;
}

export async function startServer(): Promise<Server> {
  const server = await startTestPostgres();
  const client = new pg.Client(server.superuserUrl);
  await client.connect();
  return {
    url: server.superuserUrl,
    client,
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

/** A directory with these files, removed when the test ends. */
export async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'migrate cli '));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

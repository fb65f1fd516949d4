import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { isMissing, serverAccount } from './account.ts';
import { postgresBinaries } from './binaries.ts';
import { EmbeddedError } from './errors.ts';
import { placeDataDirectory } from './placement.ts';

/** Options of {@link initCluster}. */
export interface InitClusterOptions {
  /** Where the cluster will live; it must not exist yet. */
  readonly dataDirectory: string;
  /** The outermost directory that may be made passable for PostgreSQL's account when root; the parent by default. */
  readonly home?: string;
  /** Password of the superuser `postgres`. It reaches initdb in a 0600 file that is deleted afterwards, never in arguments or environment. */
  readonly superuserPassword: string;
  /** Wait until the files are on disk; default true. Tests say false. */
  readonly sync?: boolean;
}

/** The superuser that initdb creates. */
export const SUPERUSER = 'postgres';

const HOST_RULES = [
  '# Written by Tenantry. A password for everybody, this machine only.',
  'local all all scram-sha-256',
  'host all all 127.0.0.1/32 scram-sha-256',
  'host all all ::1/128 scram-sha-256',
  '',
].join('\n');

/**
 * Creates a PostgreSQL cluster: UTF8, builtin locale C.UTF-8, data checksums, SCRAM for every connection, this machine only.
 * The directory appears whole or not at all: a crash in the middle leaves `<dataDirectory>.new`, which the next call removes.
 *
 * @returns the real path of the data directory (as root it may lie under /var/lib/tenantry, with a symlink at the wanted path)
 * @throws EmbeddedError `EMBEDDED_HOME_UNUSABLE`, `EMBEDDED_PLATFORM_UNSUPPORTED`, `EMBEDDED_START_FAILED` (initdb's own words)
 * @example
 * ```ts
 * await initCluster({ dataDirectory: '/srv/app/postgres/data', superuserPassword });
 * ```
 */
export async function initCluster(options: InitClusterOptions): Promise<string> {
  const account = await serverAccount();
  const target = await placeDataDirectory(options, account);
  if (!(await isMissing(target)) && !(await isEmptyDirectory(target))) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `${target} holds something already, and not a PostgreSQL cluster that this user can read. ` +
        'Choose another directory, or start as the user who made it.',
    );
  }
  const { initdb } = await postgresBinaries(account);
  const unfinished = `${target}.new`;
  const passwordFile = `${target}.new-password`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await rm(passwordFile, { force: true });
    await writeFile(passwordFile, `${options.superuserPassword}\n`, { mode: 0o600, flag: 'wx' });
    if (account !== undefined)
      for (const path of [unfinished, passwordFile]) await chown(path, account.uid, account.gid);
    await runInitdb(
      initdb,
      [...initdbArguments(unfinished, passwordFile), ...(options.sync === false ? ['--no-sync'] : [])],
      account,
    );
    await writeFile(join(unfinished, 'pg_hba.conf'), HOST_RULES);
    await chmod(unfinished, 0o700);
    await rename(unfinished, target);
    return target;
  } catch (cause) {
    if (cause instanceof EmbeddedError) throw cause;
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `A PostgreSQL cluster cannot be made in ${target}: ${String(cause)}`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

function initdbArguments(directory: string, passwordFile: string): readonly string[] {
  return [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Collation must not change with the machine's C library, or indexes break when the directory moves.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
  ];
}

async function runInitdb(
  initdb: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<void> {
  // An empty environment: neither PG* variables nor anybody's secrets reach the child.
  const child = spawn(initdb, args, {
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code === 0) return;
  const logLines = output.trim().split('\n').slice(-10);
  throw new EmbeddedError('EMBEDDED_START_FAILED', `initdb failed: ${logLines.join('\n')}`, { logLines });
}

async function isEmptyDirectory(path: string): Promise<boolean> {
  return readdir(path).then(
    (names) => names.length === 0,
    () => false,
  );
}

/** The major version that made a data directory (`18`), or undefined where there is no cluster. */
export async function clusterVersion(dataDirectory: string): Promise<string | undefined> {
  const text = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text?.trim();
}

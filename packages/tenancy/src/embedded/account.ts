import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedError, systemErrorCode } from './errors.ts';

/** The operating-system account PostgreSQL runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account PostgreSQL must run under, or undefined where it is simply this process's own.
 *
 * PostgreSQL refuses to run as root. As root the owner of an existing data directory is used (a cluster that was made by `nobody` stays
 * with `nobody` when somebody installs a `postgres` account later), else `postgres`, else `nobody`. It must have a passwd entry, because initdb looks it up.
 *
 * @throws EmbeddedError `EMBEDDED_HOME_UNUSABLE` as root on a system with neither account
 */
export async function serverAccount(dataDirectory?: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (dataDirectory !== undefined) {
    const owner = await stat(dataDirectory).catch(() => undefined);
    if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  }
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const account = findAccount(passwd, 'postgres') ?? findAccount(passwd, 'nobody');
  if (account !== undefined) return account;
  throw new EmbeddedError(
    'EMBEDDED_HOME_UNUSABLE',
    'PostgreSQL refuses to run as root, and this system has neither a "postgres" nor a "nobody" account. ' +
      'Create one (useradd --system postgres) or start as another user.',
  );
}

function findAccount(passwd: string, name: string): Account | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([login]) => login === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
}

/** `/a`, `/a/b`, `/a/b/c` for `/a/b/c`: outermost first, the path itself last. */
export function pathsDownTo(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...pathsDownTo(parent), path];
}

/** Whether the mode bits let `account` do all of `wanted` (an octal digit: 4 read, 2 write, 1 search) to an existing path. */
export async function permits(path: string, account: Account, wanted: number): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return false;
  const shift = entry.uid === account.uid ? 6 : entry.gid === account.gid ? 3 : 0;
  return ((entry.mode >> shift) & wanted) === wanted;
}

/** The outermost directory on the way to `directory` (itself included) that `account` cannot pass through; undefined when the way is open. */
export async function closedDirectory(directory: string, account: Account): Promise<string | undefined> {
  for (const step of pathsDownTo(await realpath(directory))) {
    if (!(await permits(step, account, 1))) return step;
  }
  return undefined;
}

/** True when nothing stands at `path`, not even a symlink that leads nowhere. */
export async function isMissing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => systemErrorCode(error) === 'ENOENT',
  );
}

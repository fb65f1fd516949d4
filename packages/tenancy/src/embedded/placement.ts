import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, realpath, rename, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Account } from './account.ts';
import { closedDirectory, isMissing, pathsDownTo } from './account.ts';
import { SHARED_STATE } from './binaries.ts';
import { EmbeddedError, systemErrorCode } from './errors.ts';
import { clearStalePidFile } from './pid-file.ts';

/** Where a data directory is wanted. */
export interface Placement {
  readonly dataDirectory: string;
  /** The outermost directory that is ours to open for PostgreSQL's account; its parent by default. Matters as root only. */
  readonly home?: string;
}

/**
 * The real path of a data directory, whose parent exists and can be reached by `account`. The directory itself is not made.
 *
 * As root: `home` is made passable (0711). If a directory above it is closed, which is not ours to change (`/root`), the data lives
 * under `/var/lib/tenantry/<hash of the path>` and a symlink stands in its place.
 *
 * @throws EmbeddedError `EMBEDDED_HOME_UNUSABLE` when a directory cannot be made or opened
 */
export async function placeDataDirectory(placement: Placement, account?: Account): Promise<string> {
  const wanted = resolve(placement.dataDirectory);
  try {
    await mkdir(dirname(wanted), { recursive: true, mode: account === undefined ? 0o700 : 0o711 });
    const parent = await realpath(dirname(wanted));
    const known = await linkedTarget(wanted);
    if (account === undefined || known !== undefined) return known ?? join(parent, basename(wanted));
    await openHome(await realpath(placement.home ?? parent), parent);
    if ((await closedDirectory(parent, account)) === undefined) return join(parent, basename(wanted));
    return await placeElsewhere(wanted);
  } catch (cause) {
    if (cause instanceof EmbeddedError) throw cause;
    throw new EmbeddedError(
      'EMBEDDED_HOME_UNUSABLE',
      `${wanted} cannot be used for PostgreSQL's data: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Choose a directory that this user may write to.',
      { cause },
    );
  }
}

async function linkedTarget(path: string): Promise<string | undefined> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSymbolicLink() !== true) return undefined;
  // A dangling link (somebody emptied /var/lib) is as good as none: the data is made anew behind it.
  const target = await realpath(path).catch(() => undefined);
  return target ?? resolve(dirname(path), await readlink(path));
}

/** mktemp -d gives 0700; passing through a directory reveals no names in it. */
async function openHome(home: string, parent: string): Promise<void> {
  for (const step of pathsDownTo(parent)) {
    if (step !== home && !step.startsWith(home + sep)) continue;
    const entry = await stat(step);
    if (entry.uid === process.getuid?.() && (entry.mode & 0o011) !== 0o011)
      await chmod(step, (entry.mode & 0o777) | 0o011);
  }
}

async function placeElsewhere(wanted: string): Promise<string> {
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const target = join(SHARED_STATE, name, 'data');
  await mkdir(dirname(target), { recursive: true, mode: 0o711 });
  if (await isMissing(wanted)) await setAside(target);
  await symlink(target, wanted).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  });
  return target;
}

/** Whoever removed the home wants an empty one. Its data, which lay elsewhere, is kept under another name: only a person may delete data. */
async function setAside(target: string): Promise<void> {
  if (await isMissing(target)) return;
  await clearStalePidFile(target);
  await rename(target, `${target}.of-removed-home-${String(Date.now())}`);
}

import { randomBytes } from 'node:crypto';
import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError, processIdentity } from '@tenantry/tenancy/embedded';

/** The right of this process to start a PostgreSQL in a home. */
export interface HomeLock {
  release(): Promise<void>;
}

const RELEASED = 'released';

/**
 * Takes the lock of a directory: `owner.<n>`, where the highest number is the owner.
 *
 * A lock whose process is gone is taken over by making the next number with link(2), which one of many racing processes
 * succeeds in. The highest file is never removed, only overwritten on release, so numbers never go back and a slow process
 * cannot make a number that has been used: it sees a higher one and steps aside. (Removing a stale lock and making it anew, the usual
 * way, lets a slow process remove the lock that a faster one has just made.)
 *
 * @throws EmbeddedError `EMBEDDED_ALREADY_RUNNING` with the pid of the owner
 */
export async function lockHome(directory: string): Promise<HomeLock> {
  const { pid } = process;
  const content = `${String(pid)} ${(await processIdentity(pid)) ?? ''}`;
  const claim = join(directory, `claim.${String(pid)}.${randomBytes(6).toString('hex')}`);
  await writeFile(claim, content, { mode: 0o600 });
  try {
    for (;;) {
      const before = await highest(directory);
      await refuseLiving(directory, before);
      const mine = before + 1;
      const isMade = await link(claim, ownerFile(directory, mine)).then(() => true, ignoreExisting);
      if (!isMade) continue;
      if ((await highest(directory)) === mine) return await take(directory, mine);
      await rm(ownerFile(directory, mine), { force: true });
    }
  } finally {
    await rm(claim, { force: true });
  }
}

async function take(directory: string, mine: number): Promise<HomeLock> {
  for (const number of await numbers(directory)) {
    if (number < mine) await rm(ownerFile(directory, number), { force: true });
  }
  return {
    async release() {
      const note = join(directory, `claim.${String(process.pid)}.${randomBytes(6).toString('hex')}`);
      await writeFile(note, RELEASED, { mode: 0o600 });
      await rename(note, ownerFile(directory, mine));
    },
  };
}

async function refuseLiving(directory: string, number: number): Promise<void> {
  if (number === 0) return;
  const content = await readFile(ownerFile(directory, number), 'utf8').catch(() => RELEASED);
  const [pid, identity] = content.split(' ');
  if (pid === undefined || identity === undefined || (await processIdentity(Number(pid))) !== identity)
    return;
  throw new EmbeddedError(
    'EMBEDDED_ALREADY_RUNNING',
    `Tenantry (pid ${pid}) already runs with this home. Use that one, stop it, or set TENANTRY_HOME to another directory.`,
    { pid: Number(pid) },
  );
}

const ownerFile = (directory: string, number: number): string => join(directory, `owner.${String(number)}`);

async function numbers(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => /^owner\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

async function highest(directory: string): Promise<number> {
  return Math.max(0, ...(await numbers(directory)));
}

function ignoreExisting(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
  throw error;
}

import { createHash } from 'node:crypto';
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs `work` while no other process does so for the same directory. The lock lies in the temporary directory,
 * because `npm ci` empties node_modules. A lock whose process is gone is taken over.
 *
 * @template T
 * @param {string} root
 * @param {() => Promise<T>} work
 * @param {(pid: number, file: string) => void} onWait called once when another process holds the lock
 * @returns {Promise<T>} what `work` returns
 */
export async function withLock(root, work, onWait) {
  const key = `${realpathSync(root)}:${userInfo().uid}`;
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `tenantry-install-${name}.lock`);
  let announced = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isAlive(holder)) {
      dropStale(file, holder);
    } else {
      if (holder !== undefined && !announced) onWait(holder, file);
      announced = true;
      await pause(250);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  // Linked into place, so that nobody ever reads a lock without a pid in it.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} undefined when the lock was released meanwhile
 */
function holderOf(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * @param {string} file
 * @param {number} holder
 */
function dropStale(file, holder) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    // Two processes may find the same stale lock; the slower one would take away the lock of the faster one.
    if (holderOf(aside) !== holder) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

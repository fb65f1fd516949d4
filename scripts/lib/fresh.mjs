import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Does node_modules hold what package-lock.json asks for? npm writes node_modules/.package-lock.json last, so an
 * install that was interrupted has none. Modification times are no help: `git clone` and `cp` set them anew.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error(`package-lock.json in ${root} is missing or no JSON`);
  if (present === undefined) return false;

  const missing = Object.keys(wanted).some((path) => {
    if (path === '') return false;
    // An optional package for another platform is not installed here, and need not be.
    return path in present ? !isSame(wanted[path], present[path]) : !wanted[path].optional;
  });
  return !missing && Object.keys(present).every((path) => path in wanted);
}

/** @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

const isSame = (a, b) => a.version === b.version && a.integrity === b.integrity;

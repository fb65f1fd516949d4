import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** A failure whose message is the next step for the reader; shown without a stack. */
export class Explained extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode] of the whole command
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** True when this Node runs TypeScript files as they are: 22.18, 23.6, 24 and newer. */
export const runsTypeScript = Boolean(process.features.typescript);

/**
 * The Node that runs the workspace: the one pinned in package-lock.json, or the running one where the pinned package
 * brings no binary for this platform.
 *
 * @param {string} root
 * @returns {string} path of the executable
 * @throws {Explained} when neither is there
 */
export function workspaceNode(root) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (runsTypeScript) return process.execPath;
  throw new Explained(
    `The pinned Node ${process.platform}-${process.arch} is missing from node_modules, and this Node ${process.version} ` +
      'is too old to run TypeScript. Allow install scripts and run "npm rebuild node", or use Node 22.18 or newer.',
  );
}

/**
 * The environment for a program of the workspace: `node` and the tools resolve to the pinned ones, and what they compile is
 * kept for the next one.
 *
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
export function workspaceEnv(root) {
  const modules = join(root, 'node_modules');
  return {
    NODE_COMPILE_CACHE: join(modules, '.cache', 'node'),
    ...process.env,
    PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter),
  };
}

/**
 * PATH without the workspace's own programs. `npm ci` deletes node_modules first, and must not run on the Node in it.
 *
 * @param {string} root
 */
export function outerPath(root) {
  const own = join(root, 'node_modules');
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !`${real(folder)}/`.startsWith(`${real(own)}/`))
    .join(delimiter);
}

/**
 * A Node that survives `npm ci`: the running one, or the first on PATH when the running one lies in node_modules.
 *
 * @param {string} root
 */
export function outerNode(root) {
  const own = `${real(join(root, 'node_modules'))}/`;
  if (!real(process.execPath).startsWith(own)) return process.execPath;
  const candidates = outerPath(root).split(delimiter);
  const found = candidates.map((folder) => join(folder, 'node')).find((file) => existsSync(file));
  return found ?? process.execPath;
}

/** @param {string} path */
function real(path) {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

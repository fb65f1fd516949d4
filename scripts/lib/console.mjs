import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { withLock } from './lock.mjs';
import { workspaceEnv, workspaceNode } from './node.mjs';
import { run } from './run.mjs';

/** What the build is made of. */
const sources = [
  'packages/console/index.html',
  'packages/console/package.json',
  'packages/console/public',
  'packages/console/src',
  'packages/console/vite',
  'packages/console/vite.config.ts',
  'packages/contract/src',
  // Code that its snippets show.
  'packages/server/src/scaffold',
  'packages/server/templates/api',
  'examples/guides',
  'examples/quick-start',
  'scripts/lib/console.mjs',
  'scripts/lib/doc-blocks.ts',
];

/** In the build: the hash of what it was made of. */
const stamp = '.sources';

/** A smaller file is not worth a second one beside it. */
const leastCompressed = 1024;

/**
 * Builds the console when its sources are not those of the build that is there; does nothing otherwise, and nothing where there is no
 * console. The new build takes the place of the old one when it is complete, so a server that runs meanwhile always has one.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<boolean>} false when it could not be built; what the build said has been shown
 */
export async function ensureConsole(root, say) {
  if (!existsSync(join(root, 'packages', 'console', 'index.html'))) return true;
  if (isBuilt(root)) return true;
  return withLock(
    root,
    async () => isBuilt(root) || (await build(root, say)),
    (pid, file) => say(`Waiting for process ${pid}, which is building the console (lock: ${file}) …`),
  );
}

/** @param {string} root */
function isBuilt(root) {
  const file = join(root, 'packages', 'console', 'dist', stamp);
  return existsSync(file) && readFileSync(file, 'utf8') === hashOfSources(root);
}

/**
 * @param {string} root
 * @param {(line: string) => void} say
 */
async function build(root, say) {
  say('Building the console, once until its sources change …');
  const started = performance.now();
  const folder = join(root, 'packages', 'console');
  const [fresh, old, current] = ['dist.new', 'dist.old', 'dist'].map((name) => join(folder, name));
  const hash = hashOfSources(root);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, output } = await run(
    workspaceNode(root),
    [vite, 'build', '--outDir', 'dist.new', '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: folder, env: { ...workspaceEnv(root), NODE_ENV: 'production' }, capture: true, stdin: 'ignore' },
  );
  if (code !== 0) {
    say(`${output.trim()}\n\nThe console could not be built (exit code ${code}); the output is above.`);
    return false;
  }
  await compressAll(fresh);
  writeFileSync(join(fresh, stamp), hash);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(current)) renameSync(current, old);
  renameSync(fresh, current);
  rmSync(old, { recursive: true, force: true });
  say(`Built in ${Math.round((performance.now() - started) / 100) / 10} s.`);
  return true;
}

/** @param {string} root */
function hashOfSources(root) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesIn(join(root, source))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]} in a fixed order
 */
function filesIn(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'generated')
    .toSorted()
    .flatMap((name) => filesIn(join(path, name)));
}

/** Once here instead of with every answer: the server sends what the browser takes. */
async function compressAll(folder) {
  const files = filesIn(folder).filter(
    (file) => /\.(?:css|js|json|svg|webmanifest)$/.test(file) && statSync(file).size >= leastCompressed,
  );
  for (const file of files) {
    const content = readFileSync(file);
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(content, { params }),
      promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
    ]);
    writeFileSync(`${file}.br`, br);
    writeFileSync(`${file}.gz`, gz);
  }
}

import { isInstalled } from './fresh.mjs';
import { withLock } from './lock.mjs';
import { Explained, outerNode, outerPath } from './node.mjs';
import { run } from './run.mjs';

// Development dependencies hold the pinned Node, so NODE_ENV=production must not leave them out. The log level hides
// EBADENGINE: npm itself may run under Node 20, the packages never do.
const npmCi = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Makes node_modules match package-lock.json; does nothing when it does already.
 * Processes that start at the same time wait for the first one.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 * @throws {Explained} when npm fails; its whole output is in the message
 */
export async function ensureInstalled(root, say) {
  if (isInstalled(root)) return;
  await withLock(
    root,
    async () => {
      if (!isInstalled(root)) await install(root, say);
    },
    (pid, file) => say(`Waiting for process ${pid}, which is installing dependencies (lock: ${file}) …`),
  );
}

/**
 * @param {string} root
 * @param {(line: string) => void} say
 */
async function install(root, say) {
  say('Installing dependencies from package-lock.json, once; this takes up to two minutes …');
  const started = performance.now();
  const env = { ...process.env, PATH: outerPath(root) };
  const npmCli = process.env.npm_execpath;
  const { code, signal, output } = npmCli?.endsWith('.js')
    ? await run(outerNode(root), [npmCli, ...npmCi], { cwd: root, env, capture: true, stdin: 'ignore' })
    : await run('npm', npmCi, { cwd: root, env, capture: true, stdin: 'ignore' });
  if (signal !== null)
    throw new Explained(`Installing was interrupted by ${signal}; start again to finish it.`, code);
  if (code !== 0)
    throw new Explained(`${output.trim()}\n\nnpm ci failed with exit code ${code}; its output is above.`);
  if (!isInstalled(root)) {
    throw new Explained(
      `${output.trim()}\n\nnpm ci ended well, but node_modules does not match package-lock.json.`,
    );
  }
  say(`Installed in ${Math.round((performance.now() - started) / 100) / 10} s.`);
}

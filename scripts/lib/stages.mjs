import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceEnv, workspaceNode } from './node.mjs';
import { run } from './run.mjs';

/**
 * What a stage found. A tool that checks everything at once counts as one.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * The stages of `npm test` in their order: cheap and general first.
 *
 * @param {string} root
 * @param {readonly string[]} filters passed on to vitest
 * @returns {readonly { name: string, run: () => Promise<Counts> }[]}
 */
export function stages(root, filters) {
  const node = (file, args) =>
    run(workspaceNode(root), [file, ...args], { cwd: root, env: workspaceEnv(root), stdin: 'ignore' });
  const tool = (name, args) => node(realpathSync(join(root, 'node_modules', '.bin', name)), args);
  const whole = async (running) => counts((await running).code === 0);
  const preparation = async (running) => ({ ...(await whole(running)), passed: 0 });
  return [
    { name: 'generate', run: () => preparation(node(join(root, 'scripts', 'generate.mjs'), [])) },
    { name: 'typecheck', run: () => typecheck((project) => whole(tool('tsc', ['-p', project]))) },
    { name: 'lint', run: () => whole(tool('oxlint', ['--type-aware', '--deny-warnings'])) },
    { name: 'format', run: () => whole(tool('oxfmt', ['--check'])) },
    { name: 'direction', run: () => whole(node(join(root, 'scripts', 'check-direction.ts'), [])) },
    { name: 'tests', run: () => vitest((args) => tool('vitest', ['run', ...args, ...filters])) },
  ];
}

/**
 * Node's side and the browser's have different globals, so they are two projects; together they are one check.
 *
 * @param {(project: string) => Promise<Counts>} check
 * @returns {Promise<Counts>}
 */
async function typecheck(check) {
  const node = await check('tsconfig.json');
  return node.failed > 0 ? node : check('packages/console/tsconfig.json');
}

/** @param {boolean} ok @returns {Counts} */
const counts = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/**
 * @param {(args: readonly string[]) => Promise<{ code: number }>} start
 * @returns {Promise<Counts>}
 */
async function vitest(start) {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-test-'));
  const report = join(folder, 'report.json');
  try {
    const { code } = await start(['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
    return countsOf(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} report file written by vitest's JSON reporter
 * @param {number} code vitest's exit code
 * @returns {Counts}
 */
export function countsOf(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // Without a report nothing is known to have passed: vitest ended before its first test.
    return counts(false);
  }
  // A file that cannot be imported fails without a test of its own, and an error outside a test fails the run alone.
  const brokenFiles = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  return {
    passed: result.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

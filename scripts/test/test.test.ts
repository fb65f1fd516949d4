import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workspace } from './workspace.ts';

interface Report {
  readonly passed?: number;
  readonly failed?: number;
  readonly pending?: number;
  readonly brokenFiles?: number;
}

describe('npm test', () => {
  let workspace: Workspace;

  beforeEach(() => {
    workspace = new Workspace();
    for (const name of ['tsc', 'oxlint', 'oxfmt']) tool(name, '');
    workspace.write('scripts/check-direction.ts', '');
    workspace.write('scripts/generate.mjs', '');
    vitest({ passed: 5 });
  });
  afterEach(() => workspace.remove());

  const tool = (name: string, text: string): void => workspace.write(`node_modules/.bin/${name}`, text);

  const vitest = (report: Report, exitCode = 0): void => {
    const { passed = 0, failed = 0, pending = 0, brokenFiles = 0 } = report;
    const json = JSON.stringify({
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: pending,
      numTodoTests: 0,
      testResults: Array.from({ length: brokenFiles }, () => ({ status: 'failed', assertionResults: [] })),
    });
    tool(
      'vitest',
      `const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1];
       require('node:fs').writeFileSync(file, ${JSON.stringify(json)});
       console.log('filters', process.argv.slice(6).join(' '));
       process.exitCode = ${exitCode};`,
    );
  };

  const outcome = async (): Promise<readonly [number | null, string | undefined]> => {
    const { code, lines } = await workspace.run('test.mjs');
    return [code, lines.at(-1)];
  };

  test('runs every stage and adds up', async () => {
    const { code, lines } = await workspace.run('test.mjs', 'packages/migrate');
    expect(lines.filter((line) => line.endsWith(' ms')).map((line) => line.replace(/\d+ ms$/, ''))).toEqual(
      ['generate', 'typecheck', 'lint', 'format', 'direction', 'tests'].map((name) => `── ${name}: ok, `),
    );
    expect(lines).toContain('filters packages/migrate');
    expect([code, lines.at(-1)]).toEqual([0, '9 passed, 0 failed']);
  });

  test('stops at the first stage that fails', async () => {
    tool('oxfmt', 'process.exitCode = 1');
    expect(await outcome()).toEqual([1, '2 passed, 1 failed']);
  });

  test('counts failed and skipped tests', async () => {
    vitest({ passed: 7, failed: 2, pending: 3 }, 1);
    expect(await outcome()).toEqual([1, '11 passed, 2 failed, 3 skipped']);
  });

  test('counts a test file that cannot be loaded as failed', async () => {
    vitest({ passed: 7, brokenFiles: 2 }, 1);
    expect(await outcome()).toEqual([1, '11 passed, 2 failed']);
  });

  test('does not call a run good that vitest calls bad', async () => {
    vitest({ passed: 7 }, 1);
    expect(await outcome()).toEqual([1, '11 passed, 1 failed']);
  });

  test('does not call a run good that left no report', async () => {
    tool('vitest', '');
    expect(await outcome()).toEqual([1, '4 passed, 1 failed']);
  });

  test('sums up when installing fails', async () => {
    workspace.write('broken', '');
    expect(await outcome()).toEqual([1, '0 passed, 1 failed']);
  });
});

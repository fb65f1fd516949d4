import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const file = (name: string): string => fileURLToPath(new URL(`runners/${name}`, import.meta.url));
// vitest's own variables would tell the child that it is a part of this run.
const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;

test('under node:test, in a process of its own', async () => {
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', file('node.mts')], {
    env,
  });
  expect(stdout).toContain('ok 1 - an application that keeps its tenants apart passes');
  expect(stdout).toContain('ok 2 - one that does not fails');
  expect(stdout).toMatch(/not ok 3 .*# TODO/);
  expect(stdout).toMatch(/The application does not keep two tenants apart/);
  expect(stdout).toContain('# pass 2');
});

test('loaded with require(), as jest loads what it runs', async () => {
  const { stdout } = await run(process.execPath, [file('plain.cjs')], { env });
  expect(stdout).toContain('passed');
});

test('no runner is imported', async () => {
  const directory = fileURLToPath(new URL('../../src/testing', import.meta.url));
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.ts'));
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    const text = await readFile(join(directory, name), 'utf8');
    const imported = [...text.matchAll(/^(?:import|export|\}) .*from '([^.'][^']*)';$/gm)].map(
      ([, specifier]) => specifier!,
    );
    expect(
      imported.filter((specifier) => specifier !== 'pg' && !specifier.startsWith('node:')),
      name,
    ).toEqual([]);
  }
});

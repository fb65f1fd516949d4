import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const grammar = new URL('../../src/grammar.ts', import.meta.url).href;

/** More calls than V8 waits for before it takes a function for one that is worth its time. */
const program = `
  const { loadGrammar, parseText } = await import(${JSON.stringify(grammar)});
  await loadGrammar();
  for (let n = 0; n < 300; n++) parseText('CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT (1 + 2)::text, CHECK (a > 0 AND b <> $$x$$))');
`;

test('the grammar is compiled once: seconds of a core and 650 MB are not spent behind the back of whoever reads a file', async () => {
  const args = ['--trace-wasm-compilation-times', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 10_000_000 });
  expect(stdout).toContain('using Liftoff');
  expect(stdout.split('\n').filter((line) => line.includes('using TurboFan'))).toEqual([]);
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runIsolationCli } from '../../src/cli/index.ts';
import { newSigningKey, publicPem, signingKey } from '../../src/evidence/index.ts';
import { toJson } from '../../src/report/index.ts';
import { broken } from '../report/sample.ts';

const pem = newSigningKey();
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenantry evidence cli '));
  await writeFile(join(directory, 'run.json'), toJson(broken));
  await writeFile(join(directory, 'key.pem'), publicPem(signingKey(pem)));
  await writeFile(join(directory, 'other.pem'), publicPem(signingKey(newSigningKey())));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let [out, err] = ['', ''];
  const code = await runIsolationCli(['evidence', ...argv], {
    stdout: { write: (text: string) => void (out += text) },
    stderr: { write: (text: string) => void (err += text) },
    env,
    directory,
  });
  return { code, out, err };
}

test('a saved run becomes a signed report that is verified without a database', async () => {
  const names = ['report.json', 'report.html', 'report.pdf', 'report.manifest.json'];
  const outputs = names.flatMap((name) => ['--output', name]);
  const issued = await run(['issue', 'run.json', ...outputs], { TENANTRY_EVIDENCE_KEY: pem });
  expect(issued).toMatchObject({ code: 0, err: '' });
  expect(issued.out).toMatch(/findings are open; the worst is critical/);
  expect((await run(['verify', ...names, '--key', 'key.pem'])).code).toBe(0);
  expect((await run(['verify', 'report.json', '--key', 'other.pem'])).out).toMatch(
    /^FAILED report.json \(report\) key:/,
  );
  const html = await readFile(join(directory, 'report.html'), 'utf8');
  await writeFile(join(directory, 'changed.html'), html.replace('findings are open', 'findings are closed'));
  expect((await run(['verify', 'changed.html', 'report.manifest.json', '--key', 'key.pem'])).code).toBe(1);
  expect((await run(['verify', 'report.json', '--head', '0'.repeat(64), '--key', 'key.pem'])).out).toMatch(
    /truncated/,
  );
  // Names and messages of a database that an attacker has.
  for (const text of ['<evil>', '\u001b']) expect(html).not.toContain(text);
}, 120_000);

test.each([
  [['issue', 'run.json', '--output', 'x.pdf'], {}, /TENANTRY_EVIDENCE_KEY/],
  [['issue', 'run.json', '--output', 'x.pdf'], { TENANTRY_EVIDENCE_KEY: 'nonsense' }, /not a private key/],
  [['issue', 'run.json', '--output', 'x.doc'], { TENANTRY_EVIDENCE_KEY: pem }, /says no format/],
  [['issue', 'run.json'], {}, /--output/],
  [['issue'], {}, /one saved run/],
  [['verify', 'run.json'], {}, /--key/],
  [['verify', '--key', 'key.pem'], {}, /files to check/],
  [['forge'], {}, /issue and verify/],
  [['verify', '--nonsense'], {}, /nonsense/],
])('is refused: evidence %j', async (argv, env, message) => {
  const { code, err } = await run(argv, env);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

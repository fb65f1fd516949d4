import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attacks, httpAttacks, sharedAttacks } from '../../src/attacks/index.ts';
import { runIsolationCli } from '../../src/cli/index.ts';
import { httpSpec } from '../../src/cli/http-config.ts';
import { startCell, type TestCell } from '../attacks/support.ts';

const page = (name: string): Promise<string> =>
  readFile(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');

let cell: TestCell;
let directory: string;
beforeAll(async () => {
  cell = await startCell();
  directory = await mkdtemp(join(tmpdir(), 'tenantry ci '));
});
afterAll(async () => {
  await cell.stop();
  await rm(directory, { recursive: true });
});

test('the command of both jobs runs as it stands on the page, and writes what the jobs upload', async () => {
  const text = await page('isolation-ci.md');
  const lines = [...text.matchAll(/^ *- (?:run: )?npx tenantry isolation (attack .*)$/gm)].map(
    ([, line]) => line!,
  );
  expect(lines).toHaveLength(2);
  expect(new Set(lines).size).toBe(1);
  let out = '';
  const code = await runIsolationCli(
    [...lines[0]!.split(' '), '--only', 'read.union,become.set-role,poison.prepared'],
    {
      stdout: { write: (written) => (out += written) },
      stderr: { write: () => undefined },
      env: {
        TENANTRY_ISOLATION_URL: cell.url,
        TENANTRY_CREDENTIAL_KEY: Buffer.from(cell.credentialKey).toString('base64'),
      },
      directory,
    },
  );
  expect(code, out).toBe(0);
  const file = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  expect(JSON.parse(await file('isolation.sarif'))).toMatchObject({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'tenantry-isolation' } }, results: [] }],
  });
  expect(await file('isolation.xml')).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
  expect(JSON.parse(await file('isolation.json'))).toMatchObject({ problems: [] });
  for (const name of ['isolation.json', 'isolation.sarif', 'isolation.xml']) expect(text).toContain(name);
}, 60_000);

test('the file for an application on the page is one that can be used', async () => {
  const [, json] = /```json\n([\s\S]*?)```/.exec(await page('isolation-ci.md'))!;
  const env = { ACME_TOKEN: 'one', GLOBEX_TOKEN: 'two' };
  expect(httpSpec(JSON.parse(json!), 'https://staging.example.com', env).tenants[0].headers).toEqual({
    authorization: 'Bearer one',
  });
});

test('the page about attacks counts them as they are', async () => {
  const text = await page('isolation-attacks.md');
  for (const family of new Set(attacks.map((attack) => attack.family))) {
    const n = attacks.filter((attack) => attack.family === family).length;
    expect(text).toMatch(new RegExp(`\`${family}\`[^|]*\\| ${n} \\|`));
  }
  // With what it sees as itself, and whether the victim has what it had.
  expect(text).toContain(`| \`http\` | ${httpAttacks.length + sharedAttacks.length + 2} |`);
});

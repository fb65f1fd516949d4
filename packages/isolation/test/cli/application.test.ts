import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runIsolationCli } from '../../src/cli/index.ts';
import { startLeakyApp, type Defect } from '../attacks/leaky-app.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenantry application '));
});
afterAll(() => rm(directory, { recursive: true }));

const tokens = (headers: Readonly<Record<string, string>>): string =>
  headers['authorization']!.replace('Bearer ', '');

async function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const written = { out: '', err: '' };
  const code = await runIsolationCli(argv, {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env,
    directory,
  });
  return { code, ...written };
}

/** The file as a person writes it: tokens come from the environment. */
async function attack(format: string, ...defects: readonly Defect[]) {
  const app = await startLeakyApp(...defects);
  const [acme, globex] = app.spec.tenants;
  const { url, ...spec } = app.spec;
  const tenants = [
    { ...acme, headers: { Authorization: 'Bearer ${ACME_TOKEN}' } },
    { ...globex, headers: { Authorization: 'Bearer ${GLOBEX_TOKEN}' } },
  ];
  const file = `${format}-${defects.join('-').replaceAll(' ', '-')}.json`;
  await writeFile(join(directory, file), JSON.stringify({ application: { ...spec, tenants } }));
  const env = { ACME_TOKEN: tokens(acme.headers), GLOBEX_TOKEN: tokens(globex.headers) };
  try {
    return await run(['attack', '--application', url, '--config', file, '--format', format], env);
  } finally {
    await app.close();
  }
}

test('a sound application exits with 0, in one screen', async () => {
  const { code, out, err } = await attack('table');
  expect(code, out).toBe(0);
  expect(out).toMatch(/requests over HTTP \(\d+\) +–/);
  expect(out).toMatch(/PASSED: \d+ attacks, no finding\.\n$/);
  expect(out).not.toContain('PostgreSQL');
  expect(out.split('\n').length).toBeLessThan(24);
  expect(err).toContain('over HTTP …');
});

test('a leaky one exits with 1, and says which route told what', async () => {
  const { code, out } = await attack('table', 'any id');
  expect(code).toBe(1);
  expect(out).toContain('CRITICAL attack.http.foreign-id');
  const sarif = await attack('sarif', 'any id');
  expect(sarif.code).toBe(1);
  const log = JSON.parse(sarif.out) as {
    runs: { tool: { driver: { rules: { id: string; shortDescription: { text: string } }[] } } }[];
  };
  expect(
    log.runs[0]!.tool.driver.rules.find(({ id }) => id === 'attack.http.foreign-id')?.shortDescription.text,
  ).toMatch(/^Attack over HTTP: /);
  expect((await attack('junit', 'any id')).out).toMatch(/<failure type="critical"/);
});

describe('what is not usable is refused with 2', () => {
  const tenant = (name: string) => ({
    name,
    headers: { 'x-tenant': name },
    marks: [`mark of ${name}`],
    ids: [name],
  });
  const routes = ['GET /notes'];
  const tenants = [tenant('acme'), tenant('globex')];
  test.each<readonly [unknown, string]>([
    [{}, '--application needs a file of --config with "application"'],
    [{ application: { tenants, routes, token: 'x' } }, '"application" has no "token"'],
    [{ application: { tenants: [tenant('acme')], routes } }, '"tenants" must be a list of two.'],
    [
      { application: { tenants: [tenant('acme'), tenant('acme')], routes } },
      'Both tenants have the same headers',
    ],
    [{ application: { tenants, routes: [] } }, '"routes" must be a list'],
    [
      { application: { tenants, routes: ['notes'] } },
      'A route looks like "GET /accounts/{account}"; not "notes".',
    ],
    [
      { application: { tenants: [{ ...tenant('acme'), marks: ['short'] }, tenant('globex')], routes } },
      'at least eight characters',
    ],
    [
      {
        application: {
          tenants: [{ ...tenant('acme'), headers: { authorization: '${NOT_SET}' } }, tenant('globex')],
          routes,
        },
      },
      '"headers" of acme: the variable NOT_SET is not set.',
    ],
  ])('%j', async (config, message) => {
    await writeFile(join(directory, 'wrong.json'), JSON.stringify(config));
    const { code, err } = await run([
      'attack',
      '--application',
      'http://127.0.0.1:9',
      '--config',
      'wrong.json',
    ]);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test.each(['ftp://x', 'x', 'https://me:secret@x', 'https://x/?a=b'])('the address %s', async (url) => {
    const { code, err } = await run(['attack', '--application', url]);
    expect(code).toBe(2);
    expect(err).toContain('--application must look like');
    expect(err).not.toContain('secret');
  });
});

test('an application that is away is 3', async () => {
  const app = await startLeakyApp();
  await app.close();
  const { url, ...spec } = app.spec;
  await writeFile(join(directory, 'away.json'), JSON.stringify({ application: spec }));
  const { code } = await run(['attack', '--application', url, '--config', 'away.json', '--quiet']);
  expect(code).toBe(3);
});

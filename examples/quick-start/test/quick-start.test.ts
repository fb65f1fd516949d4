import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawnServer, type ServerProcess } from '../../../packages/server/test/support/process.ts';
import { commandsOf, matches, run } from './console.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** In the order in which they are read: later pages use what earlier ones have made. */
const pages = ['quick-start', 'lanes', 'resolving', 'operations'].map((name) => `docs/tenancy/${name}.md`);

let scratch: string;
let server: ServerProcess;
let env: Record<string, string>;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tenantry-quick-start-'));
  const home = join(scratch, 'home');
  server = spawnServer({ TENANTRY_HOME: home });
  const { url, admin } = await server.serving;
  const { token } = await admin.call('createKey', { body: { name: 'orders-api', role: 'runtime' } });
  const credentialKey = (await readFile(join(home, 'secrets', 'credential-key'), 'utf8')).trim();
  const { PATH = '' } = process.env;
  env = {
    PATH: `${join(root, 'node_modules/.bin')}:${PATH}`,
    HOME: scratch,
    SCRATCH: scratch,
    TENANTRY_HOME: home,
    TENANTRY_PORT: new URL(url).port,
    RUNTIME_KEY: token,
    CREDENTIAL_KEY: credentialKey,
  };
});
afterAll(async () => {
  server?.child.kill('SIGTERM');
  await server?.ended;
  await rm(scratch, { recursive: true, force: true });
});

/** The program for production knows nothing of this machine. */
const envOf = (command: string): Record<string, string> => {
  const { TENANTRY_HOME: _home, TENANTRY_PORT: port, ...rest } = env;
  if (!command.includes('library.ts')) return env;
  return {
    ...rest,
    NODE_ENV: 'production',
    TENANTRY_URL: `http://127.0.0.1:${port}`,
    TENANTRY_TOKEN: env['RUNTIME_KEY']!,
    TENANTRY_CREDENTIAL_KEY: env['CREDENTIAL_KEY']!,
  };
};

const commandsIn = async (page: string) => commandsOf(page, await readFile(join(root, page), 'utf8'));

test('every command of the pages does what the page shows', { timeout: 120_000 }, async () => {
  for (const page of pages) {
    for (const { at, text, output } of await commandsIn(page)) {
      const { code, said, complained } = await run(text, root, envOf(text));
      expect(code, `${at}: ${text}\n${said}${complained}`).toBe(0);
      expect(matches(said, output), `${at}: ${text} printed\n${said}`).toBe(true);
    }
  }
});

test('the programs of this directory are among them', async () => {
  const texts = (await commandsIn('docs/tenancy/quick-start.md')).map(({ text }) => text);
  for (const program of ['first-query.ts', 'library.ts'])
    expect(texts).toContain(`npx node examples/quick-start/${program}`);
});

describe('what is compared', () => {
  test('blocks that are run, and blocks that are not', () => {
    const page =
      '```console\n$ one\nout\n\nmore\n$ two\n```\n```console no-run\n$ three\n```\n- x\n  ```console\n  $ four\n  ```\n';
    expect(commandsOf('p', page)).toEqual([
      { at: 'p:2', text: 'one', output: ['out', '', 'more'] },
      { at: 'p:6', text: 'two', output: [] },
      { at: 'p:13', text: 'four', output: [] },
    ]);
  });

  test('a page that says something else is noticed', () => {
    expect(matches('id t_aaaaaaaaaaaa\nstate active\n', ['id t_bbbbbbbbbbbb', 'state active'])).toBe(true);
    expect(matches('a\nb\nc\n', ['a', '…'])).toBe(true);
    expect(matches('took 7 ms\n', ['took … ms'])).toBe(true);
    for (const [said, expected] of [
      ['a\nb\n', ['a']],
      ['a\n', ['a', 'b']],
      ['state suspended\n', ['state active']],
      ['x.y\n', ['xzy']],
    ] as const)
      expect(matches(said, expected), said).toBe(false);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { options } from '../../src/config.ts';
import { addressOf, tenantry } from './support.ts';

// Nothing here needs a server: what is asked of the network is refused before or by the fetch that is given.
const noFetch: typeof fetch = () => Promise.reject(new Error('The network was used.'));

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenantry home '));
});

afterAll(() => rm(home, { recursive: true }));

describe('help', () => {
  test.each([
    [['--help'], 'Exit codes:'],
    [['tenant', 'create', '--help'], 'Examples:'],
    [['cell', 'add', '--help'], 'There is no flag for it'],
    [['up', '--help'], 'TENANTRY_WARM_POOL'],
    [['help', 'audit'], 'verify'],
  ])('%j goes to stdout', async (argv, part) => {
    const ran = await tenantry(argv);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toContain(part);
  });

  test('a command without its verb shows the help as an error', async () => {
    for (const argv of [[], ['tenant']]) {
      const ran = await tenantry(argv);
      expect([ran.code, ran.stdout]).toEqual([2, '']);
      expect(ran.stderr).toContain('Usage: tenantry');
    }
  });

  test('--version prints the version', async () => {
    expect((await tenantry(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

test.each([
  ['an unknown command', ['tenant', 'creat', 'x']],
  ['an unknown option', ['tenant', 'list', '--nope']],
  ['a missing argument', ['tenant', 'create']],
  ['too many arguments', ['tenant', 'get', 'a', 'b']],
  ['a missing option', ['tenant', 'purge', 'acme']],
  ['a role that is none', ['key', 'create', '--name', 'x', '--role', 'king']],
  ['a bad duration', ['tenant', 'create', 'x', '--timeout', 'soon']],
  ['a bad time', ['audit', 'list', '--from', 'yesterday']],
  ['a bad limit', ['tenant', 'list', '--limit', '0']],
  ['a bad address', ['tenant', 'list', '--url', 'ftp://x']],
  ['a password in the address', ['tenant', 'list', '--url', 'http://a:hunter2@127.0.0.1']],
])('%s is a usage error, for people and for programs', async (_, argv) => {
  const people = await tenantry(argv, { fetch: noFetch });
  expect([people.code, people.stdout]).toEqual([2, '']);
  expect(people.stderr).toMatch(/^error USAGE: /);
  expect(people.stderr).not.toContain('hunter2');
  const programs = await tenantry([...argv, '--json'], { fetch: noFetch });
  expect([programs.code, programs.stdout]).toEqual([2, '']);
  expect(programs.error()).toMatchObject({ code: 'USAGE', exitCode: 2 });
});

describe('connection', () => {
  test('without a token there is a next step', async () => {
    const ran = await tenantry(['tenant', 'list'], { env: { TENANTRY_HOME: home }, fetch: noFetch });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('error TOKEN_MISSING');
    expect(ran.stderr).toContain('tenantry up');
  });

  test('the local token never leaves the machine', async () => {
    await writeFile(join(home, 'admin-token'), 'local-secret\n');
    const env = { TENANTRY_HOME: home };
    const seen: (string | null)[] = [];
    const spy: typeof fetch = (url, init) => {
      seen.push(`${new URL(addressOf(url)).host} ${new Headers(init?.headers).get('authorization')}`);
      return Promise.reject(new TypeError('fetch failed'));
    };
    const away = await tenantry(['tenant', 'list', '--url', 'https://tenantry.example.com'], {
      env,
      fetch: spy,
    });
    expect([away.code, seen]).toEqual([3, []]);
    for (const url of ['http://127.0.0.1.example.com', 'http://localhost.example.com']) {
      await tenantry(['tenant', 'list'], { env: { ...env, TENANTRY_URL: url }, fetch: spy });
    }
    expect(seen).toEqual([]);
    await tenantry(['tenant', 'list'], { env: { ...env, TENANTRY_PORT: '7799' }, fetch: spy });
    await tenantry(['tenant', 'list', '--url', 'http://[::1]:1'], {
      env: { ...env, TENANTRY_TOKEN: 'mine' },
      fetch: spy,
    });
    expect(seen).toEqual(['127.0.0.1:7799 Bearer local-secret', '[::1]:1 Bearer mine']);
  });

  test('a control plane that does not answer exits with 3', async () => {
    const env = { TENANTRY_TOKEN: 'x', TENANTRY_URL: 'http://127.0.0.1:1' };
    const ran = await tenantry(['tenant', 'list', '--json'], { env });
    expect([ran.code, ran.error()]).toEqual([3, expect.objectContaining({ code: 'UNREACHABLE' })]);
  });

  test('something else that answers is told apart, without its page', async () => {
    const env = { TENANTRY_TOKEN: 'x' };
    const page = () => Promise.resolve(new Response('<html>hello</html>', { status: 200 }));
    const ran = await tenantry(['tenant', 'list'], { env, fetch: page });
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('error UNEXPECTED_ANSWER')]);
    expect(ran.stderr).not.toContain('html');
    const proxy = () => Promise.resolve(new Response('bad gateway', { status: 502 }));
    expect((await tenantry(['tenant', 'list'], { env, fetch: proxy })).code).toBe(3);
  });

  test('a token that no header can carry is refused without showing it', async () => {
    const ran = await tenantry(['tenant', 'list'], { env: { TENANTRY_TOKEN: 'se\ncret' }, fetch: noFetch });
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('TOKEN_MALFORMED')]);
    expect(ran.stderr).not.toContain('cret');
  });
});

describe('up', () => {
  test('has a flag for every option and gives them on', async () => {
    let given: unknown;
    const argv = ['up', '--port', '0', '--warm-pool', '7', '--migrations', 'a,b'];
    const ran = await tenantry(argv, { up: (flags) => ((given = flags), Promise.resolve(17)) });
    expect(ran.code).toBe(17);
    expect(given).toEqual({ port: '0', warmPool: '7', migrations: 'a,b' });
    const help = (await tenantry(['up', '--help'])).stdout;
    for (const { flag } of Object.values(options)) expect(help).toContain(flag.split(' ')[0]);
  });

  test('reads the credential key from the file that its flag names', async () => {
    const file = join(home, 'key');
    await writeFile(file, 'AAAA\n');
    let given: unknown;
    await tenantry(['up', '--credential-key-file', file], {
      up: (flags) => ((given = flags), Promise.resolve(0)),
    });
    expect(given).toEqual({ credentialKey: 'AAAA' });
    expect((await tenantry(['up', '--credential-key-file', join(home, 'none')])).code).toBe(2);
  });

  test('names the option that is wrong before anything starts', async () => {
    const ran = await tenantry(['up', '--port', 'abc']);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('TENANTRY_PORT')]);
  });
});

describe('config', () => {
  test('shows every option, and no secret', async () => {
    const env = {
      DATABASE_URL: 'postgresql://me:hunter2@db.example/app?password=hunter3',
      TENANTRY_CREDENTIAL_KEY: 'hunter4',
      TENANTRY_PORT: '8080',
    };
    const ran = await tenantry(['config', '--json'], { env });
    const rows = ran.json<{ options: { env: string; value: string; source: string }[] }>().options;
    expect(rows.map((row) => row.env)).toEqual(Object.values(options).map((option) => option.env));
    expect(rows.find((row) => row.env === 'TENANTRY_PORT')).toMatchObject({
      value: '8080',
      source: 'environment',
    });
    expect(rows.find((row) => row.env === 'DATABASE_URL')?.value).toBe('postgresql://me:***@db.example/app');
    expect(ran.stdout).not.toContain('hunter');
    expect((await tenantry(['config'], { env })).stdout).not.toContain('hunter');
  });

  test('says which value cannot be used', async () => {
    const ran = await tenantry(['config'], { env: { TENANTRY_PORT: 'abc' } });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('TENANTRY_PORT')]);
  });

  test('--markdown is a table with a row for each option', async () => {
    const lines = (await tenantry(['config', '--markdown'])).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2 + Object.keys(options).length);
    for (const line of lines) expect(line.replaceAll('\\|', '').split('|')).toHaveLength(6);
  });
});

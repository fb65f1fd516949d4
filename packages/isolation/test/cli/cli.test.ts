import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '@tenantry/tenancy/embedded';
import {
  isolationArguments,
  isolationCommand,
  runIsolationCli,
  type IsolationHost,
} from '../../src/cli/index.ts';
import { leftOf, startCell, type TestCell } from '../attacks/support.ts';
import { toJson } from '../../src/report/index.ts';
import { broken, clean } from '../report/sample.ts';

let cell: TestCell;
let directory: string;
let url: string;

beforeAll(async () => {
  cell = await startCell();
  ({ url } = cell);
  directory = await mkdtemp(join(tmpdir(), 'tenantry isolation '));
});
afterAll(async () => {
  await cell.stop();
  await rm(directory, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(argv: readonly string[], more: Partial<IsolationHost> = {}): Promise<Ran> {
  const written = { out: '', err: '' };
  const code = await runIsolationCli(argv, {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: {
      TENANTRY_ISOLATION_URL: url,
      TENANTRY_CREDENTIAL_KEY: Buffer.from(cell.credentialKey).toString('base64'),
    },
    directory,
    ...more,
  });
  return { code, ...written };
}

describe('attack', () => {
  test('exits with 0, shows the table, and says on stderr what it is at', async () => {
    const { code, out, err } = await run([
      'attack',
      '--targets',
      'login,leased,search_path',
      '--only',
      'read,become.set-role',
    ]);
    expect(code, out).toBe(0);
    expect(out).toMatch(/attacks that succeed +login +leased +search_path/);
    expect(out).toContain('attacks that have to succeed did, so the statements are right.');
    expect(out).toMatch(/PASSED: \d+ attacks, no finding\.\n$/);
    expect(err).toBe('Attacking over login …\nAttacking over leased …\nAttacking over search_path …\n');
  });

  test('exits with 1 when one succeeds, and writes every format at once', async () => {
    await cell.superuser.query('GRANT pg_read_all_data TO tenantry_tenants');
    try {
      const files = ['run.json', 'run.sarif', 'run.xml', 'run.txt'];
      const { code, out } = await run([
        'attack',
        '--targets',
        'sealed',
        '--only',
        'read.union',
        '--quiet',
        '--format',
        'junit',
        ...files.flatMap((file) => ['--output', file]),
      ]);
      expect(code).toBe(1);
      expect(out).toContain('<failure type="critical"');
      const [json, sarif, xml, table] = await Promise.all(
        files.map((file) => readFile(join(directory, file), 'utf8')),
      );
      expect(JSON.parse(json!)).toMatchObject({
        problems: [{ check: 'attack.read.union', severity: 'critical' }],
      });
      expect(JSON.parse(sarif!)).toMatchObject({
        version: '2.1.0',
        runs: [{ results: [{ ruleId: 'attack.read.union' }] }],
      });
      expect(xml).toBe(out);
      expect(table).toContain('FAILED: ');
    } finally {
      await cell.superuser.query('REVOKE pg_read_all_data FROM tenantry_tenants');
    }
  });

  test('says what it left out where it has no key', async () => {
    const { code, out } = await run(['attack', '--targets', 'sealed,leased', '--only', 'read.union'], {
      env: { TENANTRY_ISOLATION_URL: url },
    });
    expect(code).toBe(0);
    expect(out).toContain('Note: The lane leased was not attacked: its slots need the cell');
  });

  test('that is interrupted exits with 130, and leaves nothing', async () => {
    let interrupt = (): void => {};
    const stderr = {
      write: (text: string) => {
        if (text.includes('sealed')) interrupt();
      },
    };
    const { code } = await run(['attack', '--targets', 'sealed'], {
      stderr,
      onInterrupt: (listener) => (interrupt = listener),
    });
    expect(code).toBe(130);
    expect(await leftOf(cell)).toEqual([]);
  });
});

describe('attack on a database that is no Tenantry cell', () => {
  const attack = {
    create: ['CREATE SCHEMA {schema}'],
    drop: ['DROP SCHEMA {schema} CASCADE'],
    enter: ['SET search_path = {schema}, public'],
    leave: ['RESET search_path'],
  };

  test("goes by the recipe of the file, over the application's own login, and shows what is open", async () => {
    await writeFile(join(directory, 'path.json'), JSON.stringify({ attack }));
    const { code, out } = await run(['attack', '--config', 'path.json', '--only', 'read,become.set-role'], {
      env: { TENANTRY_ISOLATION_URL: cell.superuserUrl },
    });
    expect(code).toBe(1);
    expect(out).toMatch(/attacks that succeed +application\n/);
    expect(out).toMatch(/reading rows \(\d+\) +HIT \d+/);
    expect(await leftOf(cell)).toEqual([]);
  });

  test.each([
    [{ attack: [] }, '"attack" must be an object.'],
    [
      { attack: { ...attack, enters: [] } },
      '"attack" has no "enters"; it has create, grant, drop, enter, leave, owner, role.',
    ],
    [
      { attack: { ...attack, drop: 'DROP SCHEMA {schema}' } },
      '"drop" of "attack" must be a list of statements.',
    ],
    [
      { attack: { create: attack.create } },
      '"attack" needs "create", "drop" and "enter", each with a statement at least.',
    ],
    [{ attack: { ...attack, role: 7 } }, '"owner" and "role" of "attack" must be names, or null.'],
  ])('%j is refused with 2', async (config, message) => {
    await writeFile(join(directory, 'wrong.json'), JSON.stringify(config));
    expect(await run(['attack', '--config', 'wrong.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});

describe('verify', () => {
  test('exits with 0 on a cell as the control plane makes it', async () => {
    const { code, out } = await run(['verify']);
    expect(code, out).toBe(0);
    expect(out).toMatch(/PASSED: \d+ checks, no finding\.\n$/);
  });

  test('exits with 1 on a grant too many, found in both ways; --fail-on says what counts', async () => {
    const id = cell.tenant;
    await cell.superuser.query(`GRANT USAGE ON SCHEMA ${id} TO PUBLIC`);
    try {
      const { code, out } = await run(['verify', '--format', 'json']);
      expect(code).toBe(1);
      const { findings } = JSON.parse(out) as { findings: { check: string }[] };
      expect(findings.some(({ check }) => check.startsWith('oracle'))).toBe(true);
      expect(findings.some(({ check }) => !check.startsWith('oracle'))).toBe(true);
    } finally {
      await cell.superuser.query(`REVOKE USAGE ON SCHEMA ${id} FROM PUBLIC`);
    }
  });
});

describe('report', () => {
  test('shows a run that was saved, without a database', async () => {
    await Promise.all([
      writeFile(join(directory, 'clean.json'), toJson(clean)),
      writeFile(join(directory, 'broken.json'), toJson(broken)),
    ]);
    const nowhere = { env: {} };
    expect((await run(['report', 'clean.json'], nowhere)).code).toBe(0);
    const { code, out } = await run(['report', 'broken.json', '--format', 'sarif'], nowhere);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ version: '2.1.0' });
  });

  test('--fail-on leaves out what is less', async () => {
    await writeFile(
      join(directory, 'low.json'),
      toJson({ ...clean, findings: [{ ...broken.findings[1]!, severity: 'low' }] }),
    );
    expect((await run(['report', 'low.json'])).code).toBe(1);
    expect((await run(['report', 'low.json', '--fail-on', 'medium'])).code).toBe(0);
  });
});

describe('what cannot be run', () => {
  test.each([
    [['attak'], 'A command is one of verify, attack, faults, report; not "attak".'],
    [['verify', '--oops'], "Unknown option '--oops'."],
    [['verify', '--only', 'read'], '--only is no option of verify.'],
    [['attack', '--only', 'nothing.like'], '--only: no attack\'s id begins with "nothing.like".'],
    [
      ['attack', '--targets', 'everything'],
      '--targets is one of login, sealed, leased, auto, search_path, set role; not "everything".',
    ],
    [['verify', '--format', 'pdf'], '--format is one of table, json, sarif, junit; not "pdf".'],
    [
      ['verify', '--output', 'run.pdf'],
      '--output: the name of "run.pdf" says no format; it ends in .json, .sarif, .xml or .txt.',
    ],
    [['verify', 'more'], 'There is one word too much: "more".'],
    [
      ['verify', '--url', 'mysql://root:secret@x/y'],
      'The URL of the database must look like postgresql://login:password@host:5432/database.',
    ],
    [['verify', '--config', 'missing.json'], 'ENOENT'],
    [
      ['faults'],
      'Faults weaken the database, if only until they are rolled back. Run them on a copy, and say so with --throw-away.',
    ],
    [['report', 'nothing.json'], 'ENOENT'],
  ])('%j is refused with 2', async (argv, message) => {
    const { code, out, err } = await run(argv);
    expect(err).toContain(message);
    expect(err).not.toContain('secret');
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  test('no database at all is 2; one that does not answer, or refuses the login, is 3', async () => {
    expect((await run(['attack'], { env: {} })).code).toBe(2);
    const closed = await run([
      'attack',
      '--url',
      `postgresql://x:secret@127.0.0.1:${await freePort()}/tenantry`,
    ]);
    expect(closed).toMatchObject({ code: 3, err: expect.stringContaining('ISOLATION_UNREACHABLE') });
    expect(closed.err).not.toContain('secret');
    expect((await run(['attack', '--url', url.replace(/:[^:@]*@/, ':wrong@')])).code).toBe(3);
  });

  test('a login that may not make roles is told what to do', async () => {
    const client = await cell.loginAs(cell.tenant);
    const asTenant = url.replace(
      /\/\/.*@/,
      `//${cell.tenant}:${encodeURIComponent(client.password as unknown as string)}@`,
    );
    await client.end();
    const { code, err } = await run(['attack', '--url', asTenant]);
    expect(code).toBe(2);
    expect(err).toContain('ISOLATION_RIGHTS');
  });
});

describe('help', () => {
  test('names every command, option and exit code', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['verify', 'attack', 'faults', 'report', '--fail-on', 'TENANTRY_ISOLATION_URL', '130'])
      expect(out).toContain(word);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect((await run(['attack', '--help'], { program: 'tenantry isolation' })).out).toMatch(
      /^Usage: tenantry isolation attack \[options\]/,
    );
    expect((await run([])).code).toBe(2);
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('another program mounts it: its words are passed on, and its help says that it is there', () => {
    expect(isolationArguments(['isolation', 'verify', '--url', 'x'])).toEqual(['verify', '--url', 'x']);
    expect(isolationArguments(['help', 'isolation', 'attack'])).toEqual(['--help', 'attack']);
    expect(isolationArguments(['--url', 'isolation', 'tenant', 'list'])).toBeUndefined();
    const commands: string[] = [];
    isolationCommand({
      command: (name) => ({
        description: (text) => commands.push(`${name}: ${text}`),
      }),
    });
    expect(commands).toEqual([expect.stringMatching(/^isolation: /)]);
  });
});

import { describe, expect, test } from 'vitest';
import { commandNames } from '../../src/cli/options.ts';
import { project, tenantryMigrate } from './support.ts';

describe('help', () => {
  test('of the program names every command', async () => {
    const { code, stdout, stderr } = await tenantryMigrate(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of commandNames) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test.each([...commandNames])('of %s has its options, no line is too long', async (name) => {
    const { code, stdout } = await tenantryMigrate([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: tenantry-migrate ${name} [options]`);
    expect(stdout).toContain('--schema <list>');
    expect(stdout.split('\n').filter((line) => line.length > 110)).toEqual([]);
  });

  test('without a command it is an error', async () => {
    const { code, stdout, stderr } = await tenantryMigrate([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: tenantry-migrate <command>');
  });

  test('--version', async () => {
    expect((await tenantryMigrate(['-v'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('what cannot be understood exits with 2', () => {
  test('an option, for people and for programs', async () => {
    const people = await tenantryMigrate(['info', '--out-of-odrer']);
    expect([people.code, people.stdout]).toEqual([2, '']);
    expect(people.stderr).toBe(
      'ERROR: USAGE: There is no option --out-of-odrer.\n  hint: Did you mean --out-of-order?\n',
    );
    const programs = await tenantryMigrate(['info', '--out-of-odrer', '--json']);
    expect([programs.code, programs.stdout]).toEqual([2, '']);
    expect(JSON.parse(programs.stderr)).toEqual({
      error: {
        errorCode: 'CONFIGURATION',
        code: 'USAGE',
        message: 'There is no option --out-of-odrer.',
        hint: 'Did you mean --out-of-order?',
        exitCode: 2,
      },
    });
  });

  test("Flyway's way to ask for JSON has errors on stdout", async () => {
    const { code, stdout, stderr } = await tenantryMigrate(['-outputType=json', 'info']);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { errorCode: 'CONFIGURATION', code: 'CONFIG_URL_MISSING' },
    });
  });

  test('every problem of a configuration, each with its place', async () => {
    const directory = await project({ 'flyway.conf': 'flyway.tabel=x\nflyway.group=maybe\n' });
    const { code, stderr } = await tenantryMigrate(['info', '--no-such'], { directory });
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no option --no-such.')]);
    const both = await tenantryMigrate(['info'], { directory });
    expect(both.code).toBe(2);
    expect(both.stderr).toContain(
      'flyway.conf:1: There is no key flyway.tabel.\n  hint: Did you mean flyway.table?',
    );
    expect(both.stderr).toContain('flyway.conf:2: flyway.group must be true or false, not "maybe".');
  });

  test.each([
    [['info', '--pending'], '--pending is an option of lint.'],
    [['lint', '--yes'], '--yes is an option of clean.'],
    [['info', '-outputType=xml'], '-outputType must be json, not "xml".'],
    [['info', '--color', 'blue'], '--color must be always, never or auto, not "blue".'],
    [['info', '-password=hunter2'], 'a password on the command line can be read by every user'],
    [['info', '--url', 'jdbc:oracle:x'], '"oracle" is not a PostgreSQL URL.'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await tenantryMigrate(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hunter2');
  });
});

test('no server: exits with 1, says where it looked, and nothing of the password', async () => {
  const url = 'postgres://app:hunter2@127.0.0.1:1/shop';
  const { code, stderr } = await tenantryMigrate(['info', '--url', url]);
  expect(code).toBe(1);
  expect(stderr).toContain('CONNECTION_FAILED: No connection to the database shop at 127.0.0.1:1 as app');
  expect(stderr).toContain('WARNING: Every user of this machine can read the password in --url');
  expect(stderr).not.toContain('hunter2');
});

test('a connection that is refused is tried again as often as asked', async () => {
  const { code, stderr } = await tenantryMigrate([
    'info',
    '--url=postgres://127.0.0.1:1/shop',
    '--connect-retries=2',
    '--connect-retries-interval=0',
  ]);
  expect(code).toBe(1);
  expect(stderr.match(/trying again/g)).toHaveLength(2);
});

test('escape sequences in what others wrote cannot drive the terminal', async () => {
  const directory = await project({ 'flyway.conf': 'flyway.x\u001b[2Jy=1\n' });
  const { stderr } = await tenantryMigrate(['info', '--color=never'], { directory });
  expect(stderr).not.toContain('\u001b');
});

import { describe, expect, test } from 'vitest';
import { migrateArguments } from '../../src/cli/migrate.ts';
import { tenantry } from './support.ts';

describe('tenantry migrate', () => {
  test.each([
    [
      ['migrate', 'info', '--url', 'x'],
      ['info', '--url', 'x'],
    ],
    [
      ['--json', 'migrate', 'info'],
      ['--json', 'info'],
    ],
    [
      ['--url', 'x', 'migrate', 'info'],
      ['--url', 'x', 'info'],
    ],
    [
      ['migrate', 'migrate', '-outOfOrder=true'],
      ['migrate', '-outOfOrder=true'],
    ],
    [
      ['help', 'migrate', 'info'],
      ['--help', 'info'],
    ],
    [['migration', 'list'], undefined],
    [['tenant', 'get', 'migrate'], undefined],
    [['--url', 'migrate', 'tenant', 'list'], undefined],
    [[], undefined],
  ])('%j', (argv, expected) => {
    expect(migrateArguments(argv)).toEqual(expected);
  });

  test('is in the help, and has its own', async () => {
    expect((await tenantry(['--help'])).stdout).toMatch(/^ {2}migrate +Flyway-compatible migrations/m);
    const { code, stdout, stderr } = await tenantry(['migrate', 'undo', '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: tenantry migrate undo [options]');
  });

  test('says what is wrong as the other commands do', async () => {
    const people = await tenantry(['migrate', 'inof']);
    expect([people.code, people.stdout]).toEqual([2, '']);
    expect(people.stderr).toContain('Did you mean info?');
    expect((await tenantry(['migrate', 'inof', '--json'])).error()).toMatchObject({
      code: 'USAGE',
      exitCode: 2,
    });
  });
});

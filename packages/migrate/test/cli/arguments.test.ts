import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/cli/failure.ts';

describe('both spellings mean the same', () => {
  test.each([
    [['--out-of-order'], 'out-of-order', 'true'],
    [['--out-of-order=false'], 'out-of-order', 'false'],
    [['--out-of-order', 'false'], 'out-of-order', 'false'],
    [['--no-out-of-order'], 'out-of-order', 'false'],
    [['-outOfOrder=true'], 'outOfOrder', 'true'],
    [['--target', '12'], 'target', '12'],
    [['-target=12'], 'target', '12'],
    [['--lock-retry-count', '-1'], 'lock-retry-count', '-1'],
    [['-placeholders.a.b=c=d'], 'placeholders.a.b', 'c=d'],
    [['--schema', 'shop'], 'schema', 'shop'],
    [['-environments.dev.url=x'], 'environments.dev.url', 'x'],
    [['-flyway.table=x'], 'flyway.table', 'x'],
    [['--tenantry.contained'], 'tenantry.contained', 'true'],
    [['-licenseKey=x'], 'licenseKey', 'x'],
  ])('%j', (argv, name, value) => {
    for (const words of [
      ['migrate', ...argv],
      [...argv, 'migrate'],
    ]) {
      const { commands, flags } = parseArguments(words);
      expect(commands).toEqual(['migrate']);
      expect(flags.map((flag) => [flag.name, flag.value])).toEqual([[name, value]]);
    }
  });
});

test('several commands keep their order, a switch does not eat one', () => {
  expect(parseArguments(['--json', 'clean', '--yes', 'migrate', '-X', 'info'])).toMatchObject({
    commands: ['clean', 'migrate', 'info'],
    options: { json: 'true', yes: 'true', debug: 'true' },
  });
});

test("Flyway's own options are understood", () => {
  expect(parseArguments(['-outputType=json', '-q', '-n', '-communityFallback', 'info']).options).toEqual({
    outputType: 'json',
    quiet: 'true',
    noPrompt: 'true',
    communityFallback: 'true',
  });
});

test.each([
  [['migrat'], 'There is no command "migrat".', 'Did you mean migrate?'],
  [['xyz'], 'There is no command "xyz".', /^There are info, validate/],
  [['postgres://app:secret@db/shop'], 'A URL is no command.', 'Give the database by --url or FLYWAY_URL.'],
  [['--out-of-odrer', 'info'], 'There is no option --out-of-odrer.', 'Did you mean --out-of-order?'],
  [['-outOfOdrer=true', 'info'], 'There is no option -outOfOdrer.', 'Did you mean -outOfOrder?'],
  [['--jsn', 'info'], 'There is no option --jsn.', 'Did you mean --json?'],
  [['--zzzzzzzz', 'info'], 'There is no option --zzzzzzzz.', /^The nearest one is --/],
  [['info', '--target'], '--target needs a value.', 'Write --target=<value>.'],
  [['info', '--target', '--json'], '--target needs a value.', 'Write --target=<value>.'],
  [['info', '--json=maybe'], '--json is a switch and takes no value "maybe".', undefined],
])('%j is refused', (argv, message, hint) => {
  const error = thrown(() => parseArguments(argv));
  expect(error.message).toBe(message);
  if (hint instanceof RegExp) expect(error.hint).toMatch(hint);
  else expect(error.hint).toBe(hint);
});

function thrown(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

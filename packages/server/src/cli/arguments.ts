import { Option, type Command } from 'commander';
import { usageError } from './exit.ts';
import { parseDuration } from './time.ts';
import { defaultTimeout } from './wait.ts';

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** `key=value` pairs as an object. Throws a usage error that names `flag`. */
export function parsePairs(flag: string, pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`${flag} must be key=value, not "${pair}".`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) !== index);
  if (twice) throw usageError(`${flag} has "${twice[0]}" twice.`);
  return Object.fromEntries(entries);
}

/**
 * An id or a name that becomes a part of an address. Empty and dot segments are refused here: every HTTP client folds them
 * away, and the request would go to another address than the one that was meant.
 */
export function reference(value: string): string {
  if (value === '' || value === '.' || value === '..')
    throw usageError(`"${value}" is not an id and not a name.`);
  return value;
}

/** A whole number. Throws a usage error that names `flag`. */
export function wholeNumber(flag: string, minimum: number, maximum: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d{1,9}$/.test(value) || number < minimum || number > maximum) {
      throw usageError(`${flag} must be a whole number from ${minimum} to ${maximum}, not "${value}".`);
    }
    return number;
  };
}

/** The options of a list with pages. */
export interface PageFlags {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

export function pageOptions(command: Command): Command {
  return command
    .option('--limit <number>', 'items on a page, 1 to 100 (default: 50)', wholeNumber('--limit', 1, 100))
    .option('--cursor <cursor>', 'continue after the page that gave this cursor')
    .addOption(new Option('--all', 'every page, one after the other').conflicts('cursor'));
}

/** The options of a command that waits for an operation. */
export interface WaitFlags {
  /** False with `--no-wait`. */
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

export function waitOptions(command: Command): Command {
  return timeoutOption(command.option('--no-wait', 'do not wait for the end of the operation'));
}

export function timeoutOption(command: Command): Command {
  const option = new Option(
    '--timeout <duration>',
    'wait no longer than this, as 90s or 5m; the operation goes on',
  )
    .argParser((text) => parseDuration('--timeout', text))
    .default(parseDuration('--timeout', defaultTimeout), defaultTimeout);
  return command.addOption(option);
}

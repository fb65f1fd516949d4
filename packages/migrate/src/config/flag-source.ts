import { fileName } from './key.ts';
import { keys } from './keys.ts';
import { findKey, looseName, readUnknown } from './lookup.ts';
import type { Found } from './lookup.ts';
import type { Reading } from './reading.ts';
import { assigned, joinReadings, wrong } from './reading.ts';
import { readPath } from './toml-source.ts';

/** A setting on the command line: `-outOfOrder=true`, `--out-of-order`. */
export interface Flag {
  /** Without hyphens in front. */
  readonly name: string;
  readonly value: string;
  /** As it was typed, without the value. */
  readonly written: string;
}

/** The key that a flag sets: Flyway's spelling, the same with hyphens, or a second name. */
export function findFlag(name: string): Found | undefined {
  const scopes = ['flyway', 'environment', 'tenantry', 'program'] as const;
  const plain = name.replace(/^(?:flyway|tenantry)\./, '');
  const exact = findKey(plain, scopes);
  if (exact) return exact;
  const wanted = looseName(plain);
  const loose = keys.find(
    (key) => key.type.map !== true && (looseName(key.name) === wanted || key.alias === wanted),
  );
  if (loose) return { key: loose, below: undefined };
  const [head = '', ...below] = plain.split('.');
  const map = keys.find((key) => key.type.map === true && looseName(key.name) === looseName(head));
  return map && below.length > 0 ? { key: map, below: below.join('.') } : undefined;
}

/** Reads the settings of a command line. */
export function readFlags(flags: readonly Flag[]): Reading {
  return joinReadings(flags.map(readFlag));
}

function readFlag({ name, value, written }: Flag): Reading {
  const place = { file: 'command line', written };
  if (/^environments\..*\.password$/s.test(name)) return passwordOnCommandLine(written);
  if (name.startsWith('environments.')) return readPath(name.split('.'), value, place);
  const found = findFlag(name);
  if (found === undefined) return readUnknown(name, value, place);
  if (found.key.name === 'password') return passwordOnCommandLine(written);
  return assigned({ ...found, value, place, environment: undefined });
}

function passwordOnCommandLine(written: string): Reading {
  const message = `${written}: a password on the command line can be read by every user of the machine.`;
  const hint = `Give it in FLYWAY_PASSWORD or PGPASSWORD, with --password-file, or as ${fileName({ name: 'password', scope: 'flyway' })} in a file.`;
  return wrong({ code: 'CONFIG_KEY_UNSUPPORTED', message, file: 'command line', hint });
}

import { foreignKeys, foreignVariables } from './foreign.ts';
import { keys } from './keys.ts';
import { foreignVariable } from './key.ts';
import { readUnknown } from './lookup.ts';
import { nearest } from './nearest.ts';
import type { Reading } from './reading.ts';
import { assigned, joinReadings, noted, nothingRead, wrong } from './reading.ts';
import { readPath } from './toml-source.ts';
import { text } from './value.ts';

/**
 * Reads the environment: `FLYWAY_…`, `FLYWAY_PLACEHOLDERS_<NAME>`, `TENANTRY_MIGRATE_…`, and the ways of flyway.toml with
 * underscores (`environments_dev_password`). An unknown `FLYWAY_…` is an error where it looks like a slip of the hand and a
 * note otherwise, because programs around Flyway use that prefix, too.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Reading {
  const readings = Object.entries(env).map(([name, value]) =>
    value === undefined ? nothingRead : readVariable(name, value),
  );
  return joinReadings(readings);
}

function readVariable(name: string, value: string): Reading {
  const place = { file: 'environment', written: name };
  for (const key of keys) {
    if (key.env === null) continue;
    const below =
      key.type.map === true && name.startsWith(`${key.env}_`) ? name.slice(key.env.length + 1) : '';
    if (name !== key.env && below === '') continue;
    // An empty variable is how a compose file says "not set", but for text: a prefix may be empty.
    if (value === '' && key.type !== text) return nothingRead;
    const lower = below === '' ? undefined : below.toLowerCase();
    return assigned({ key, below: lower, value, place, environment: undefined });
  }
  if (/^(?:flyway|environments)_./.test(name)) return readPath(name.split('_'), value, place);
  if (!/^(?:FLYWAY|TENANTRY_MIGRATE)_./.test(name) || foreignVariables.includes(name)) return nothingRead;
  const foreign = foreignKeys.find((known) => foreignVariable(known.name, name));
  return foreign === undefined ? unknownVariable(name) : readUnknown(foreign.name, value, place);
}

function unknownVariable(name: string): Reading {
  const variables = keys.map(({ env }) => env).filter((env) => env !== null);
  const near = nearest(
    name.replace(/^FLYWAY_/, ''),
    variables.map((env) => env.replace(/^FLYWAY_/, '')),
  );
  if (near?.slip !== true) return noted(`${name} is no setting; it is not read.`);
  const meant = variables.find((env) => env.replace(/^FLYWAY_/, '') === near.word)!;
  const message = `There is no setting ${name}.`;
  const hint = `Did you mean ${meant}?`;
  return wrong({ code: 'CONFIG_KEY_UNKNOWN', message, file: 'environment', hint });
}

import { findKey, readUnknown, springKey, unknownKey } from './lookup.ts';
import { fileName } from './key.ts';
import { keys } from './keys.ts';
import { nearest } from './nearest.ts';
import { parseConf } from './properties.ts';
import type { Property } from './properties.ts';
import type { Place, Reading } from './reading.ts';
import { assigned, joinReadings, nothingRead, wrong } from './reading.ts';

/** Reads a `flyway.conf`: `flyway.…` are Flyway's keys, `tenantry.…` ours; Flyway leaves others alone, and so does this. */
export function readConf(
  content: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Reading {
  return joinReadings(parseConf(content, env).map((property) => readProperty(property, file)));
}

function readProperty({ key: written, value, line }: Property, file: string): Reading {
  const place: Place = { file, line, written };
  const [, section, name = ''] = /^(flyway|tenantry)\.(.*)$/s.exec(written) ?? [];
  if (section === undefined) return readOther(place);
  const found = findKey(name, section === 'tenantry' ? ['tenantry'] : ['flyway', 'environment']);
  if (found === undefined) return readUnknown(name, value, place);
  return assigned({ ...found, value, place, environment: undefined });
}

function readOther(place: Place): Reading {
  const { written, file, line } = place;
  const spring = /^spring\.flyway\.(.+)$/s.exec(written)?.[1];
  if (spring !== undefined) {
    const message = `${written} is Spring Boot's name of a key; it is not read here.`;
    const hint = `Write ${springKey(spring)} in flyway.conf.`;
    return wrong({ code: 'CONFIG_KEY_UNKNOWN', message, file, line, hint });
  }
  const whole = new Map(keys.flatMap((key) => [key.name, fileName(key)].map((way) => [way, fileName(key)])));
  if (whole.has(written) || nearest(written, whole.keys())?.slip === true)
    return unknownKey(written, place, whole);
  return {
    ...nothingRead,
    notes: [`${file}:${line}: ${written} does not begin with flyway.; it is not read.`],
  };
}

import { foreignKey, foreignKeys } from './foreign.ts';
import type { ForeignKey } from './foreign.ts';
import type { AnyKey, KeyScope } from './key.ts';
import { fileName } from './key.ts';
import { keys } from './keys.ts';
import { nearest } from './nearest.ts';
import type { Place, Reading } from './reading.ts';
import { noted, nothingRead, wrong } from './reading.ts';
import type { RawValue } from './value.ts';
import { asText } from './value.ts';

/** A key that a name belongs to, with the name below it for keys such as `placeholders.x`. */
export interface Found {
  readonly key: AnyKey;
  readonly below: string | undefined;
}

/**
 * The key of a name, among those of some scopes.
 *
 * @example
 * ```ts
 * findKey('placeholders.region', ['flyway']); // { key: settingKeys.placeholders, below: 'region' }
 * ```
 */
export function findKey(name: string, scopes: readonly KeyScope[]): Found | undefined {
  for (const key of keys) {
    if (!scopes.includes(key.scope)) continue;
    if (key.type.map !== true && key.name === name) return { key, below: undefined };
    if (key.type.map === true && name.startsWith(`${key.name}.`) && name.length > key.name.length + 1)
      return { key, below: name.slice(key.name.length + 1) };
  }
  return undefined;
}

/** A name without regard to case, hyphens and underscores: `out-of-order`, `outOfOrder` and `OUT_OF_ORDER` are one. */
export function looseName(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

/** What to say about a name that is no key of this program. */
export function readUnknown(name: string, value: RawValue, place: Place): Reading {
  const foreign = foreignKey(name);
  return foreign === undefined ? unknownKey(name, place) : readForeign(foreign, value, place);
}

function readForeign({ paid, effect, reason, instead }: ForeignKey, value: RawValue, place: Place): Reading {
  const words = asText(value)?.trim().toLowerCase() ?? value.toString();
  // Flyway's own default of all of these; a file that spells it out asks for nothing.
  if (words === '' || words === 'false') return nothingRead;
  const message = `${place.written} ${reason}${effect === 'ignored' ? '; it has no effect' : ' and is not supported'}.`;
  if (effect === 'ignored') {
    return noted(`${message}${instead === undefined ? '' : ` ${instead}`}`);
  }
  const code = 'CONFIG_KEY_UNSUPPORTED' as const;
  const hint = instead ?? (paid ? 'Remove it.' : undefined);
  return wrong({ code, message, file: place.file, line: place.line, hint });
}

/** The error for a name that nobody knows: names the nearest key. */
export function unknownKey(name: string, place: Place, written = writtenNames(place)): Reading {
  const near = nearest(name, written.keys());
  return wrong({
    code: 'CONFIG_KEY_UNKNOWN',
    message: `There is no key ${place.written}.`,
    file: place.file,
    line: place.line,
    hint:
      near &&
      `${near.slip ? 'Did you mean' : 'The nearest key is'} ${written.get(near.word)!}${near.slip ? '?' : '.'}`,
  });
}

/** Every key's name, with the way to write it in the place where the unknown one stands. */
function writtenNames({ written }: Place): ReadonlyMap<string, string> {
  const flags = written.startsWith('-');
  const known = keys.map((key): [string, string] => [
    key.name,
    `${flags ? `-${key.name}` : fileName(key)}${key.type.map === true ? '.<name>' : ''}`,
  ]);
  const foreign = foreignKeys
    .filter(({ name }) => !name.endsWith('.'))
    .map(({ name }): [string, string] => [name, flags ? `-${name}` : `flyway.${name}`]);
  return new Map([...foreign, ...known]);
}

/** What a key of Spring Boot is called here. */
export function springKey(name: string): string {
  const wanted = looseName(name.replace(/^init-?sqls$/i, 'initSql'));
  const exact = keys.find((key) => looseName(key.name.replaceAll('.', '')) === wanted.replaceAll('.', ''));
  const near = exact ?? nearestKey(wanted);
  return fileName(near);
}

function nearestKey(wanted: string): AnyKey {
  const word = nearest(
    wanted,
    keys.map(({ name }) => name),
  )!.word;
  return keys.find(({ name }) => name === word)!;
}

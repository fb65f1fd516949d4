import { parse, TomlError } from 'smol-toml';
import { ConfigError } from './error.ts';
import { foreignTables } from './foreign.ts';
import type { KeyScope } from './key.ts';
import { findKey, readUnknown, unknownKey } from './lookup.ts';
import type { Place, Reading } from './reading.ts';
import { assigned, joinReadings, nothingRead, wrong } from './reading.ts';
import type { RawValue } from './value.ts';

interface Leaf {
  readonly path: readonly string[];
  readonly value: RawValue;
}

/**
 * Reads a `flyway.toml`: `[flyway]`, `[environments.<name>]`, `[environments.<name>.flyway]` and `[tenantry]`.
 * Throws ConfigError CONFIG_FILE_INVALID with the line where the text is no TOML.
 */
export function readToml(
  content: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Reading {
  const document = parseDocument(content, file);
  const names = isTable(document['environments']) ? Object.keys(document['environments']) : [];
  const readings = leaves(document, []).map((leaf) => readLeaf(leaf, file, env));
  return joinReadings([{ ...nothingRead, environments: names }, ...readings]);
}

function parseDocument(content: string, file: string): Record<string, unknown> {
  try {
    return parse(content);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message shows the lines around the place, which may hold a password.
    const message = error.message.split('\n')[0]!;
    throw new ConfigError({ code: 'CONFIG_FILE_INVALID', message, file, line: error.line });
  }
}

/** A key by its path, as `environments.dev.url`; for TOML, for flags and for variables that are written like it. */
export function readPath(path: readonly string[], value: RawValue, place: Place): Reading {
  const [table = '', second = '', third] = path;
  if (table === 'environments' && path.length > 2) {
    return third === 'flyway'
      ? readKey(path.slice(3).join('.'), ['flyway'], value, place, second)
      : readKey(path.slice(2).join('.'), ['environment'], value, place, second);
  }
  if (table === 'flyway' && path.length > 1)
    return readKey(path.slice(1).join('.'), ['flyway'], value, place, undefined);
  if (table === 'tenantry' && path.length > 1)
    return readKey(path.slice(1).join('.'), ['tenantry'], value, place, undefined);
  if (foreignTables.includes(table)) return nothingRead;
  return unknownKey(path.join('.'), place);
}

function readKey(
  name: string,
  scopes: readonly KeyScope[],
  value: RawValue,
  place: Place,
  environment: string | undefined,
): Reading {
  const found = findKey(name, scopes);
  if (found) return assigned({ ...found, value, place, environment });
  const elsewhere = findKey(name, ['flyway', 'environment']);
  if (elsewhere === undefined) return readOther(name, value, place);
  const table = elsewhere.key.scope === 'environment' ? '[environments.<name>]' : '[flyway]';
  const hint = `Write it in ${table}${environment !== undefined && table === '[flyway]' ? ` or [environments.${environment}.flyway]` : ''}.`;
  const problem = {
    code: 'CONFIG_KEY_UNKNOWN',
    message: `${place.written} stands in the wrong table.`,
  } as const;
  return wrong({ ...problem, file: place.file, line: place.line, hint });
}

function readOther(name: string, value: RawValue, place: Place): Reading {
  if (name !== 'provisioner' && !name.startsWith('resolvers.')) return readUnknown(name, value, place);
  if (value === 'none' || value === '') return nothingRead;
  const message = `${place.written} is not supported.`;
  const hint =
    name === 'provisioner'
      ? 'Make the database before.'
      : 'Only ${env.NAME} is resolved; give secrets in FLYWAY_PASSWORD.';
  const { file, line } = place;
  return wrong({ code: 'CONFIG_KEY_UNSUPPORTED', message, file, line, hint });
}

function readLeaf(
  { path, value }: Leaf,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Reading {
  const place: Place = { file, written: path.join('.') };
  if (path[0] !== 'environments' || typeof value !== 'string') return readPath(path, value, place);
  const other = /\$\{(?!env\.)([A-Za-z]+)\.[^}]*\}/.exec(value);
  if (other && path[2] !== 'flyway') {
    const message = `${place.written} asks the resolver "${other[1]}", which is not supported.`;
    const hint = 'Use ${env.NAME}, or give the value in a FLYWAY_ variable.';
    return wrong({ code: 'CONFIG_KEY_UNSUPPORTED', message, file, hint });
  }
  return readPath(path, resolveVariables(value, env), place);
}

function resolveVariables(value: string, env: Readonly<Record<string, string | undefined>>): string {
  return value.replaceAll(/\$\{env\.([A-Za-z0-9_]+)\}/g, (_, name: string) => env[name] ?? '');
}

function leaves(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (isTable(value)) return Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]));
  if (Array.isArray(value)) {
    // Tables in an array belong to Flyway's desktop programs; a list of texts is a value.
    return value.some(isTable) ? [{ path, value: '' }] : [{ path, value: value.map(String) }];
  }
  if (typeof value === 'boolean' || typeof value === 'number') return [{ path, value }];
  return [{ path, value: String(value) }];
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

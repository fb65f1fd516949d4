import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { MigrateError } from '../errors.ts';
import type { MigrateSettings } from '../settings.ts';

/** A file under a location; `script` is its path relative to it, `/` between the parts. */
export interface FoundFile {
  readonly script: string;
  readonly path: string;
}

/** Where `classpath:` looks, under the working directory: what a JVM build would have put on its class path. */
const CLASSPATH_ROOTS = ['src/main/resources', 'src/test/resources', ''];

/**
 * Every file of the locations, recursively, hidden ones left out; a file that two locations reach comes once.
 *
 * @throws MigrateError MIGRATIONS_MISSING where a location is absent and `failOnMissingLocations` is on
 */
export async function findFiles(
  locations: readonly string[],
  settings: MigrateSettings,
  logs: string[],
): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const location of locations) {
    for (const file of await filesOf(location, settings, logs)) {
      if (!found.has(file.path)) found.set(file.path, file);
    }
  }
  return [...found.values()];
}

async function filesOf(
  location: string,
  settings: MigrateSettings,
  logs: string[],
): Promise<readonly FoundFile[]> {
  const [, scheme = 'filesystem', path = ''] = /^(?:(filesystem|classpath):)?(.*)$/s.exec(location) ?? [];
  const roots = scheme === 'classpath' ? CLASSPATH_ROOTS : [''];
  const patterns = roots.map((root) =>
    resolve(
      settings.workingDirectory,
      root,
      path.replace(/^\/+(?=.)/, (s) => (scheme === 'classpath' ? '' : s)),
    ),
  );
  for (const pattern of patterns) {
    const root = fixedPart(pattern);
    if (!(await isDirectory(root))) continue;
    const files = await under(root);
    if (root === pattern) return files.map((file) => ({ path: file, script: relative(root, file) }));
    const matcher = toRegExp(pattern);
    return files.flatMap((file) => {
      const match = matcher.exec(file.slice(0, file.lastIndexOf(sep) + 1).replaceAll(sep, '/'));
      return match === null ? [] : [{ path: file, script: relative(match[1] ?? root, file) }];
    });
  }
  const missing = `${scheme} location: ${patterns[0] ?? path} (not found)`;
  if (settings.failOnMissingLocations) {
    throw new MigrateError('MIGRATIONS_MISSING', `Failed to find ${missing}`, {
      flywayCode: 'ERROR',
      hint: 'Name a directory that holds migrations such as V1__create_tables.sql.',
    });
  }
  logs.push(`ERROR Skipping ${missing}`);
  return [];
}

function relative(root: string, file: string): string {
  return file.slice(root.length).replaceAll(sep, '/').replace(/^\/+/, '');
}

/** The directory in front of the first wildcard. */
function fixedPart(pattern: string): string {
  const at = pattern.search(/[*?]/);
  return at < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf(sep, at)) || sep;
}

/** Matches a file's directory, `/` at its end; the first group is the part that the pattern itself describes. */
function toRegExp(pattern: string): RegExp {
  const text = pattern.replaceAll(sep, '/').replaceAll(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (found) => {
    if (found === '**/') return '(?:[^/]+/)*';
    if (found === '**') return '.*?';
    if (found === '*') return '[^/]*';
    return found === '?' ? '[^/]' : `\\${found}`;
  });
  return new RegExp(`^(${text}/)`);
}

async function isDirectory(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  return info?.isDirectory() === true;
}

async function under(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  await walk(root, new Set(), found);
  return found;
}

async function walk(directory: string, above: ReadonlySet<string>, found: string[]): Promise<void> {
  // A symbolic link to a directory above would be followed for ever.
  const real = await realpath(directory);
  if (above.has(real)) return;
  const inside = new Set(above).add(real);
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(directory, entry.name);
    const info = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    if (info?.isDirectory()) await walk(path, inside, found);
    else if (info?.isFile()) found.push(path);
  }
}

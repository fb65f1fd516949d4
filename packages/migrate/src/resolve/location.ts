import { access, constants, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

import { MigrateError } from '../errors.ts';

/** Where files are looked for. */
export interface Location {
  /** As messages show it: scheme and path. */
  readonly text: string;
  readonly scheme: 'filesystem' | 'classpath';
  /** The directory to walk, absolute, `/` between the parts: all in front of the first wildcard. */
  readonly root: string;
  /** Matches the paths that are meant; its group `rest` is the path below what the wildcards stand for. */
  readonly pattern: RegExp | null;
  /** Why the directory cannot be read, in Flyway's words; null where it can. */
  readonly obstacle: 'not found' | 'not readable' | 'not a directory' | null;
}

/** Where `classpath:` looks, under the working directory: what a JVM build puts on its class path. */
const CLASSPATH_ROOTS = ['src/main/resources', ''];

/**
 * Reads a location: `filesystem:sql`, `classpath:db/migration`, or a bare path, which is a directory where there is one and
 * otherwise means the class path, as in Flyway. `*` stands for characters of a name, `?` for one, `**` for any directories.
 *
 * @throws MigrateError MIGRATIONS_MISSING where the location is no place of files
 */
export async function readLocation(text: string, workingDirectory: string): Promise<Location> {
  const [, scheme, path = ''] = /^(?:([a-z\d]{2,}):)?(.*)$/is.exec(text.trim()) ?? [];
  if (scheme === undefined) {
    const plain = await locate('filesystem', path, workingDirectory, '');
    if (plain.obstacle === null) return plain;
    const classpath = await onClasspath(path, workingDirectory);
    return classpath.obstacle === null ? classpath : plain;
  }
  if (scheme === 'filesystem') return locate(scheme, path, workingDirectory, '');
  if (scheme === 'classpath') return onClasspath(path, workingDirectory);
  throw new MigrateError('MIGRATIONS_MISSING', `Unknown prefix for location: ${text}`, {
    flywayCode: 'ERROR',
    hint: 'Migrations are read from directories: filesystem:sql, classpath:db/migration, or a path.',
  });
}

async function onClasspath(path: string, workingDirectory: string): Promise<Location> {
  const below = path.replace(/^\/+/, '');
  const places = await Promise.all(
    CLASSPATH_ROOTS.map((base) => locate('classpath', below, workingDirectory, base)),
  );
  const [first] = places;
  if (first === undefined) throw new RangeError('the class path has no roots');
  return { ...(places.find(({ obstacle }) => obstacle === null) ?? first), text: `classpath:${below}` };
}

async function locate(
  scheme: Location['scheme'],
  path: string,
  workingDirectory: string,
  base: string,
): Promise<Location> {
  const whole = resolve(workingDirectory, base, path).split(sep).join('/');
  const wildcard = whole.search(/[*?]/);
  const root = wildcard < 0 ? whole : whole.slice(0, whole.lastIndexOf('/', wildcard)) || '/';
  return {
    text: `${scheme}:${whole}`,
    scheme,
    root,
    pattern: wildcard < 0 ? null : toPattern(root, whole.slice(root === '/' ? 1 : root.length + 1)),
    obstacle: await obstacleOf(root),
  };
}

async function obstacleOf(directory: string): Promise<Location['obstacle']> {
  const info = await stat(directory).catch(() => null);
  if (info === null) return 'not found';
  const readable = await access(directory, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!readable) return 'not readable';
  return info.isDirectory() ? null : 'not a directory';
}

/** A last part with a dot in it names files, as in Flyway; any other names directories. */
function toPattern(root: string, wild: string): RegExp {
  const parts = wild.split('/');
  const namesFiles = (parts.at(-1) ?? '').includes('.');
  const text = parts.map((part, i) => {
    if (part === '**') return '(?:[^/]+/)*?';
    const name = part.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
    const ending = namesFiles && i === parts.length - 1 ? '' : '/';
    return name.replaceAll('?', '[^/]').replaceAll('*', '[^/]+?') + ending;
  });
  const above = root === '/' ? '' : root.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(`^${above}/${text.join('')}${namesFiles ? '' : '(?<rest>.*)'}$`, 's');
}

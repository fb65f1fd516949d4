import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readConf } from './conf-source.ts';
import { ConfigError } from './error.ts';
import type { Reading } from './reading.ts';
import { joinReadings, noted, nothingRead } from './reading.ts';
import { readToml } from './toml-source.ts';

/** What reading the files needs to know. */
export interface FileOptions {
  readonly home: string;
  /** Directories that are looked into after the home directory: where the process is, then `-workingDirectory`. */
  readonly directories: readonly string[];
  /** Files that were named: they must exist. `-` is the standard input. */
  readonly named: readonly string[];
  /** Encoding of .conf files; a .toml is always UTF-8. */
  readonly encoding: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin?: (() => Promise<string>) | undefined;
}

interface ConfigFile {
  readonly path: string;
  readonly toml: boolean;
  readonly content: Uint8Array;
}

/**
 * Reads every configuration file in Flyway's order: those of the home directory, of the working directory, then the named
 * ones. Where there is any .toml, no .conf is read.
 *
 * Throws ConfigError CONFIG_FILE_MISSING for a named file that is not there, CONFIG_FILE_INVALID.
 */
export async function readFiles(options: FileOptions): Promise<Reading> {
  const files = await findFiles(options);
  const toml = files.some((file) => file.toml);
  const readings = files.map((file): Reading => {
    if (file.toml) return readToml(decode(file, 'utf-8'), file.path, options.env);
    if (!toml) return readConf(decode(file, options.encoding), file.path, options.env);
    return noted(`${file.path} is not read because there is a flyway.toml.`);
  });
  return joinReadings([...readings, await readStdin(options)]);
}

async function findFiles({ home, directories, named }: FileOptions): Promise<readonly ConfigFile[]> {
  const places = [...new Set([home, ...directories].map((directory) => resolve(directory)))];
  const found = new Map<string, ConfigFile>();
  for (const place of places) {
    for (const name of ['flyway.toml', 'flyway.user.toml', 'flyway.conf']) {
      const path = join(place, name);
      const content = await read(path);
      if (content) found.set(path, { path, toml: isToml(path), content });
    }
  }
  for (const name of named.filter((path) => path !== '-')) {
    const path = resolve(directories[0] ?? '.', name);
    const content = await read(path);
    if (content === undefined) {
      const hint = 'Name files that exist with -configFiles and FLYWAY_CONFIG_FILES.';
      throw new ConfigError({ code: 'CONFIG_FILE_MISSING', message: `${path} cannot be read.`, hint });
    }
    // A file that is found anyway and named counts where it was named: last.
    found.delete(path);
    found.set(path, { path, toml: isToml(path), content });
  }
  return [...found.values()];
}

async function readStdin({ named, stdin, env }: FileOptions): Promise<Reading> {
  if (!named.includes('-') || stdin === undefined) return nothingRead;
  return readConf(await stdin(), 'standard input', env);
}

async function read(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(error.code ?? '')) return undefined;
    throw error;
  });
}

function decode({ path, content }: ConfigFile, encoding: string): string {
  const decoder = decoderOf(encoding);
  try {
    return decoder.decode(content);
  } catch {
    const message = `This is not ${encoding}.`;
    const hint = 'Name its encoding with -configFileEncoding, or save it as UTF-8.';
    throw new ConfigError({ code: 'CONFIG_FILE_INVALID', message, file: path, hint });
  }
}

function decoderOf(encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    const message = `There is no encoding ${encoding}.`;
    const hint = 'Name one as UTF-8, ISO-8859-1 or windows-1252 in -configFileEncoding.';
    throw new ConfigError({ code: 'CONFIG_VALUE_INVALID', message, hint });
  }
}

function isToml(path: string): boolean {
  return path.toLowerCase().endsWith('.toml');
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigError } from '../../src/config/error.ts';
import type { Flag } from '../../src/config/flag-source.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import type { Configuration } from '../../src/config/load.ts';

/** What a test configures; `home/…` and `work/…` are the two directories that are looked into. */
export interface Given {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** As `name=value`. */
  readonly flags?: readonly string[];
  readonly stdin?: string;
}

/** Loads the configuration of a machine that has these files, variables and flags, and nothing else. */
export async function configured({ files = {}, env = {}, flags = [], stdin }: Given): Promise<Configuration> {
  const root = await mkdtemp(join(tmpdir(), 'migrate config '));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await Promise.all(['home', 'work'].map((name) => mkdir(join(root, name))));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return loadConfiguration({
    env,
    flags: flags.map(toFlag),
    home: join(root, 'home'),
    directory: join(root, 'work'),
    ...(stdin === undefined ? {} : { stdin: () => Promise.resolve(stdin) }),
  });
}

function toFlag(text: string): Flag {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  return { name, value: text.slice(at + 1), written: `-${name}` };
}

/** The error that a configuration is refused with; any other end fails the test. */
export async function refused(given: Given): Promise<ConfigError> {
  const outcome: unknown = await configured(given).then(
    () => new Error('It was not refused.'),
    (error: unknown) => error,
  );
  if (outcome instanceof ConfigError) return outcome;
  throw outcome;
}

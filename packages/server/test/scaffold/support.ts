import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameworks, libraries, type Framework, type Library } from '../../src/scaffold/index.ts';
import { tenantry } from '../cli/support.ts';

/** The workspace. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Its installed packages. */
export const modules = join(root, 'node_modules');

export const combinations: readonly (readonly [Framework, Library])[] = frameworks.flatMap((framework) =>
  libraries.map((library) => [framework, library] as const),
);

export interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export async function manifestIn(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** Writes a project with the command, and gives it the `node_modules` that npm would make of its `package.json`. */
export async function generate(framework: Framework, library: Library, directory: string): Promise<void> {
  const ran = await tenantry(['scaffold', 'api', '--framework', framework, '--db', library, directory]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  const { dependencies, devDependencies } = await manifestIn(directory);
  for (const [name, specifier] of Object.entries({ ...dependencies, ...devDependencies })) {
    const link = join(directory, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    // npm, too, makes a link of a `file:`. What is a version stands for itself: nothing is downloaded here.
    const target = specifier.startsWith('file:')
      ? resolve(directory, specifier.slice(5))
      : join(modules, name);
    await symlink(target, link);
  }
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end, with the workspace's tools on the PATH as `npm run` has them. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((settle) => {
    const options = { cwd, env: { ...toolEnv(), ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      settle({ code, output: stdout + stderr });
    });
  });
}

/** Without what vitest and npm have put there for this process. */
export function toolEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:npm_|VITEST|NODE_ENV|TEST$)/i.test(entry[0]),
  );
  const env = Object.fromEntries(kept);
  return { ...env, PATH: `${join(modules, '.bin')}:${env['PATH'] ?? ''}`, NO_COLOR: '1' };
}

/** `job` for each item, two at a time: as many as a small machine has cores. */
export async function eachOfTwo<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await job(item);
  };
  await Promise.all([worker(), worker()]);
}

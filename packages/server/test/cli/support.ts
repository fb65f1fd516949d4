import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli, type CliHost } from '../../src/cli/index.ts';
import { seedTenant } from '../../src/main/seed.ts';
import type { TestServer } from '../support/server.ts';

export const seedFile = fileURLToPath(new URL('../../../../examples/sample-saas/seed.sql', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as the one JSON document that it must be. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it expects
  json<T = Record<string, unknown>>(): T;
  /** The lines of stdout as JSON. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  lines<T = Record<string, unknown>>(): T[];
  /** The error that stderr must hold with --json. */
  error(): Record<string, unknown>;
}

type Overrides = Partial<CliHost> & { readonly columns?: number };

/** Runs a command line in this process, its streams captured. */
export async function tenantry(argv: readonly string[], { columns, ...host }: Overrides = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  const code = await runCli(argv, {
    stdout: { ...terminal, write: (text) => (stdout += text) },
    stderr: { ...terminal, write: (text) => (stderr += text) },
    env: {},
    up: () => Promise.reject(new Error('not asked for')),
    sample: { seedFile },
    ...host,
  });
  return {
    code,
    stdout,
    stderr,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    json: <T>() => JSON.parse(stdout) as T,
    lines: <T>() =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as T),
    error: () => (JSON.parse(stderr) as { error: Record<string, unknown> }).error,
  };
}

/** Where a fetch goes to. */
export function addressOf(input: Parameters<typeof fetch>[0]): string {
  if (typeof input === 'string') return input;
  return input instanceof URL ? input.href : input.url;
}

export type Run = (argv: readonly string[], overrides?: Overrides) => Promise<Ran>;

/** A command line on the machine of a server: it finds the token by itself. */
export function commandLine(server: TestServer): Run {
  return (argv, overrides = {}) => {
    const env = { TENANTRY_URL: server.url, TENANTRY_HOME: server.home, ...overrides.env };
    const local = { TENANTRY_HOME: server.home, DATABASE_URL: server.controlUrl };
    return tenantry(argv, { seed: (tenant, file) => seedTenant(local, tenant, file), ...overrides, env });
  };
}

/** A directory of migrations, by file name. */
export async function migrationDirectory(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-cli-'));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
  return directory;
}

/**
 * Ends the connections of this process. After an aborted request (a stream that is over) Node's fetch connects again at
 * once, with nothing to ask: a process that ends takes that connection with it, a test's process has to do it itself, or
 * a server that waits for its connections waits for this one.
 */
export async function endConnections(): Promise<void> {
  const dispatchers = globalThis as unknown as Readonly<
    Record<symbol, { destroy(): Promise<void> } | undefined>
  >;
  await dispatchers[Symbol.for('undici.globalDispatcher.1')]?.destroy();
}

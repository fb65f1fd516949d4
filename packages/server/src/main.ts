import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tenant } from '@tenantry/contract';
import { runCli } from './cli/index.ts';
import { seedTenant } from './main/seed.ts';
import { up } from './main/up.ts';

const seedFile = fileURLToPath(new URL('../../../examples/sample-saas/seed.sql', import.meta.url));

/** The `tenantry` command: gives its exit code. Signals are handled here and nowhere else. */
export async function main(argv: readonly string[]): Promise<number> {
  const { env, stdout, stderr, stdin } = process;
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return runCli(argv, {
    stdout,
    stderr,
    stdin,
    env,
    sample: { seedFile },
    up: (flags) => up(flags, { env, stdout, stderr, version, stopRequested }),
    seed: (tenant: Tenant, file: string) => seedTenant(env, tenant, file),
    onInterrupt: (listener) => {
      process.once('SIGINT', listener);
    },
  });
}

function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

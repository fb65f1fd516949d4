import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tenant } from '@tenantry/contract';
import { runCli } from './cli/index.ts';

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
    // Loaded when needed: the server's libraries would more than double the time of every other command.
    async up(flags) {
      const { up } = await import('./main/up.ts');
      return up(flags, { env, stdout, stderr, version, stopRequested });
    },
    async seed(tenant: Tenant, file: string) {
      const { seedTenant } = await import('./main/seed.ts');
      await seedTenant(env, tenant, file);
    },
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

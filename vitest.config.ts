import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'scripts/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
    ],
    // Makes the golden PostgreSQL data directory that every test file copies.
    globalSetup: ['packages/tenancy/test/embedded/global-setup.ts'],
    // Processes, because a test that kills or leaks a server must not take its neighbours with it.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Readable on a terminal and in a build's log alike.
    reporters: ['default'],
  },
});

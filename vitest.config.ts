import { configDefaults, defineConfig } from 'vitest/config';

/** Files that measure what a user would wait for, in milliseconds: beside another file they would measure that as well. */
const timed = [
  'packages/console/test/live.test.ts',
  'packages/console/test/many-tenants.test.ts',
  'packages/tenancy/test/failover/failover.test.ts',
];

export default defineConfig({
  test: {
    // Readable on a terminal and in a build's log alike.
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: [
            'packages/*/test/**/*.test.ts',
            'scripts/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'examples/*/test/**/*.test.ts',
          ],
          exclude: [...configDefaults.exclude, ...timed],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
    // Makes the golden PostgreSQL data directory that every test file copies.
    globalSetup: ['packages/tenancy/test/embedded/global-setup.ts'],
    // Processes, because a test that kills or leaks a server must not take its neighbours with it.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

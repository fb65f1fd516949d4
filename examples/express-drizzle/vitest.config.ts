import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests start a PostgreSQL, and the very first one makes its data directory.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

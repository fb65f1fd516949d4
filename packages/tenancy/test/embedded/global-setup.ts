import { prepareTestPostgres } from '../../src/embedded/index.ts';

/** vitest runs this once, before any worker: afterwards each test file's PostgreSQL is a copy. */
export async function setup(): Promise<void> {
  await prepareTestPostgres();
}

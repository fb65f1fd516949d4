import { TestingError } from '../errors.ts';
import type { TestServer } from '../options.ts';
import type { Cell } from './cell.ts';
import { embeddedCell } from './embedded.ts';
import { givenCell } from './given.ts';

/** A cell where the option `postgres` says. */
export function openCell(postgres: TestServer, extensions: readonly string[]): Promise<Cell> {
  if (postgres === 'embedded') return embeddedCell(extensions);
  if ('url' in postgres) return givenCell(postgres.url, extensions);
  if (typeof postgres.getConnectionUri === 'function')
    return givenCell(postgres.getConnectionUri(), extensions);
  throw new TestingError(
    'TESTING_OPTION',
    `postgres must be 'embedded', { url: 'postgresql://…' } or a started container.`,
  );
}

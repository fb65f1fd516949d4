import {
  createTenancy,
  type PoolEvent,
  type PoolOptions,
  type Tenancy,
  type TenancyOptions,
} from './tenancy.ts';
import type { TestCell } from './cell.ts';
import { TestDirectory } from './directory.ts';

/** A tenancy over a test cell, with its directory and all events of its pools. */
export interface Opened {
  readonly tenancy: Tenancy;
  readonly directory: TestDirectory;
  readonly events: PoolEvent[];
  /** Resolves with the next event of a type, or one that has been. */
  event<T extends PoolEvent['type']>(type: T): Promise<Extract<PoolEvent, { type: T }>>;
}

export function open(
  cell: TestCell,
  lane: NonNullable<TenancyOptions['lane']>,
  pool: PoolOptions = {},
  directory = new TestDirectory(cell.placements()),
): Opened {
  const events: PoolEvent[] = [];
  const listeners = new Set<(event: PoolEvent) => void>();
  const metrics = (event: PoolEvent): void => {
    events.push(event);
    for (const listener of listeners) listener(event);
  };
  const tenancy = createTenancy({
    directory,
    credentialKey: cell.credentialKey,
    lane,
    pool: { ...pool, metrics },
  });
  return {
    tenancy,
    directory,
    events,
    event<T extends PoolEvent['type']>(type: T) {
      const been = events.find((event) => event.type === type);
      return new Promise<Extract<PoolEvent, { type: T }>>((resolve) => {
        if (been !== undefined) return resolve(been as Extract<PoolEvent, { type: T }>);
        const listener = (event: PoolEvent): void => {
          if (event.type !== type) return;
          listeners.delete(listener);
          resolve(event as Extract<PoolEvent, { type: T }>);
        };
        listeners.add(listener);
      });
    },
  };
}

/** The code or SQLSTATE that work is refused with, or `no error`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

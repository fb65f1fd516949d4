import { TenancyError } from '../errors.ts';
import type { PoolEvent } from './metrics.ts';

/**
 * How the connections of a cell are held. One budget for all tenants of the cell; times are milliseconds. The names are
 * HikariCP's where `pg` has none.
 */
export interface PoolOptions {
  /** Most connections to a cell, of all tenants together. Default 10. */
  readonly maximumPoolSize?: number;
  /** So many are opened ahead and kept, however idle. Default 0. */
  readonly minimumIdle?: number;
  /** Most connections that one tenant may have at a time. Default: all but one of the budget. */
  readonly maximumPerTenant?: number;
  /** How long a caller waits for a connection. Default 5,000. */
  readonly connectionTimeout?: number;
  /** How long making a connection may take. Default 5,000. */
  readonly connectTimeout?: number;
  /** A connection that nobody has used for so long is closed. 0: never. Default 600,000. */
  readonly idleTimeout?: number;
  /** A connection is closed at this age, less up to a tenth, so that not all go at once. 0: never. Default 1,800,000. */
  readonly maxLifetime?: number;
  /** An idle connection is pinged this often, so that no firewall forgets it. 0: never. Default 120,000. */
  readonly keepaliveTime?: number;
  /** How long a ping may take. Default 1,000. */
  readonly validationTimeout?: number;
  /** A connection that was idle for so long is pinged before it is handed out. Default 500. */
  readonly aliveBypassWindow?: number;
  /** A connection that is held for so long is reported, with the stack that took it. 0: never. Default 0. */
  readonly leakDetectionThreshold?: number;
  /** How long a statement may take; it is cancelled then and its connection closed. Default 30,000. */
  readonly queryTimeout?: number;
  /** Statements of one tenant that may be under way on one connection; 1 never sends one behind another. Default 8. */
  readonly maximumPipeline?: number;
  /** Gets what the pool does, as it happens. It must not throw. */
  readonly metrics?: (event: PoolEvent) => void;
}

/** {@link PoolOptions} with every default filled in. */
export type PoolSettings = Required<PoolOptions>;

const defaults = {
  maximumPoolSize: 10,
  minimumIdle: 0,
  connectionTimeout: 5_000,
  connectTimeout: 5_000,
  idleTimeout: 600_000,
  maxLifetime: 1_800_000,
  keepaliveTime: 120_000,
  validationTimeout: 1_000,
  aliveBypassWindow: 500,
  leakDetectionThreshold: 0,
  queryTimeout: 30_000,
  maximumPipeline: 8,
} as const;

/** Those where 0 would mean "for ever", which a frozen server would make true. */
const atLeastOne = [
  'maximumPoolSize',
  'maximumPerTenant',
  'connectionTimeout',
  'connectTimeout',
  'validationTimeout',
  'queryTimeout',
  'maximumPipeline',
] as const satisfies readonly (keyof PoolOptions)[];

/** Fills in defaults. Throws TENANCY_OPTION naming the option that cannot be. */
export function poolSettings(options: PoolOptions = {}): PoolSettings {
  if (typeof options !== 'object' || options === null) refuse('pool must be an object of options.');
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const most = options.maximumPoolSize ?? defaults.maximumPoolSize;
  const settings: PoolSettings = {
    ...defaults,
    maximumPerTenant: Math.max(1, most - 1),
    metrics: () => {},
    ...given,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'metrics') {
      if (typeof value !== 'function') refuse('pool.metrics must be a function.');
      continue;
    }
    if (!(name in defaults) && name !== 'maximumPerTenant') refuse(`pool.${name} is not an option.`);
    const least = atLeastOne.some((other) => other === name) ? 1 : 0;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 2 ** 31 - 1)
      refuse(`pool.${name} must be a whole number from ${least}.`);
  }
  if (settings.minimumIdle > settings.maximumPoolSize)
    refuse('pool.minimumIdle must not be above pool.maximumPoolSize.');
  return settings;
}

function refuse(message: string): never {
  throw new TenancyError('TENANCY_OPTION', message);
}

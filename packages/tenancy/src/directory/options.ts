import { TenancyError } from '../errors.ts';

/** Options of {@link controlPlaneDirectory}; times are milliseconds. */
export interface ControlPlaneOptions {
  /** Address of the control plane, as `https://tenantry.internal:7400`. */
  readonly url: string;
  /** An API key of the role `runtime`: it is told where tenants live, and nothing else. */
  readonly token: string;
  /** The control plane's credential key: 32 bytes, or their base64. With it the cells tell of changes at once. */
  readonly credentialKey: Uint8Array | string;
  /** How long an answer is used without asking again, while the tenant's cell tells of changes. Default 60,000. */
  readonly ttl?: number;
  /** The same while the cell does not: it cannot be reached, or lets no broker in. Default 500. */
  readonly unwatchedTtl?: number;
  /** How long a tenant stays unknown. Default 1,000. */
  readonly unknownTtl?: number;
  /** How long the control plane may take to answer. Default 2,000. */
  readonly requestTimeout?: number;
  /** A control plane that did not answer is left alone for so long where something is cached. Default 1,000. */
  readonly retryAfter?: number;
  /** How long connecting to a cell may take. Default 5,000. */
  readonly connectTimeout?: number;
  /** How often the connection that listens is tried. Default 5,000. */
  readonly heartbeat?: number;
  /** Most references that are kept, and as many that nobody has. Default 20,000. */
  readonly capacity?: number;
  /** Report statements and logins that are refused to the control plane, without any part of a statement. Default true. */
  readonly reportSecurity?: boolean;
  /** Hears what goes wrong behind the scenes: the control plane or a cell cannot be reached. It must not throw. */
  readonly onError?: (error: unknown) => void;
}

export type ControlPlaneSettings = Required<Omit<ControlPlaneOptions, 'credentialKey'>> & {
  readonly credentialKey: Uint8Array;
};

const defaults = {
  ttl: 60_000,
  unwatchedTtl: 500,
  unknownTtl: 1_000,
  requestTimeout: 2_000,
  retryAfter: 1_000,
  connectTimeout: 5_000,
  heartbeat: 5_000,
  capacity: 20_000,
} as const;

/** Fills in defaults. Throws TENANCY_OPTION naming the option that cannot be. */
export function controlPlaneSettings(options: ControlPlaneOptions): ControlPlaneSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { credentialKey } = options;
  const key = typeof credentialKey === 'string' ? Buffer.from(credentialKey, 'base64') : credentialKey;
  if (key?.byteLength !== 32) refuse('credentialKey must be 32 bytes, or the base64 of 32 bytes.');
  const settings: ControlPlaneSettings = {
    onError: () => {},
    reportSecurity: true,
    url: options.url,
    token: options.token,
    ...defaults,
    ...given,
    credentialKey: key,
  };
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value: unknown = settings[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1)
      refuse(`${name} must be a whole number from 1.`);
  }
  return settings;
}

function refuse(message: string): never {
  throw new TenancyError('TENANCY_OPTION', message);
}

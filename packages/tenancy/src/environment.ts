import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { controlPlaneDirectory } from './directory/control-plane.ts';
import type { Directory } from './directory/placement.ts';
import { TenancyError } from './errors.ts';
import { createTenancy, type Tenancy, type TenancyOptions } from './tenancy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A tenancy, and the directory behind it for a resolver. Closing the tenancy closes both. */
export interface TenancyAndDirectory {
  readonly tenancy: Tenancy;
  readonly directory: Directory;
}

/**
 * A tenancy of the control plane that the environment names: `TENANTRY_URL`, `TENANTRY_TOKEN` (an API key of the role
 * `runtime`) and `TENANTRY_CREDENTIAL_KEY`. Unless NODE_ENV is `production`, what is missing is taken from the control plane
 * of this machine, which keeps it under `TENANTRY_HOME`.
 *
 * ```ts
 * const { tenancy, directory } = await tenancyFromEnvironment();
 * ```
 * Rejects with TENANCY_OPTION, which names the variable that is missing.
 */
export async function tenancyFromEnvironment(
  options: Partial<Omit<TenancyOptions, 'directory' | 'credentialKey'>> = {},
  env: Environment = process.env,
): Promise<TenancyAndDirectory> {
  const url = env['TENANTRY_URL'] || localUrl(env);
  const [token, credentialKey] = await Promise.all([
    env['TENANTRY_TOKEN'] || localSecret(env, url, 'TENANTRY_TOKEN', 'admin-token'),
    env['TENANTRY_CREDENTIAL_KEY'] ||
      localSecret(env, url, 'TENANTRY_CREDENTIAL_KEY', join('secrets', 'credential-key')),
  ]);
  const directory = controlPlaneDirectory({ url, token, credentialKey });
  return { directory, tenancy: createTenancy({ ...options, directory, credentialKey }) };
}

function localUrl(env: Environment): string {
  if (env['NODE_ENV'] === 'production') throw missing('TENANTRY_URL');
  return `http://127.0.0.1:${env['TENANTRY_PORT'] || '7700'}`;
}

/** The secrets of this machine are never sent to another one. */
async function localSecret(env: Environment, url: string, name: string, file: string): Promise<string> {
  if (env['NODE_ENV'] === 'production' || !isLoopback(url)) throw missing(name);
  const home =
    env['TENANTRY_HOME'] || (process.getuid?.() === 0 ? '/var/lib/tenantry' : join(homedir(), '.tenantry'));
  try {
    return (await readFile(join(home, file), 'utf8')).trim();
  } catch (cause) {
    throw missing(name, cause);
  }
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) throw new TenancyError('TENANCY_OPTION', 'TENANTRY_URL is not an address.');
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function missing(name: string, cause?: unknown): TenancyError {
  return new TenancyError(
    'TENANCY_OPTION',
    `${name} is not set, and no control plane of this machine gives it. Set it, or start one with "tenantry up" (TENANTRY_HOME names its directory).`,
    { cause },
  );
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { options } from '../config.ts';
import type { CliHost } from './host.ts';
import { CliError, exitCodes, usageError } from './exit.ts';

/** The control plane that a command talks to. */
export interface Connection {
  readonly url: string;
  readonly token: string;
  /** True where the control plane is on this machine. */
  readonly local: boolean;
}

/**
 * Finds the control plane and the token: `--url`, else TENANTRY_URL, else this machine at TENANTRY_PORT; TENANTRY_TOKEN,
 * else the admin token that `tenantry up` keeps under TENANTRY_HOME. Throws USAGE, TOKEN_MISSING.
 */
export async function findConnection(host: CliHost, given: string | undefined): Promise<Connection> {
  const url = checkUrl(given ?? (host.env['TENANTRY_URL'] || defaultUrl(host)), given !== undefined);
  const local = isLoopback(url);
  const token = host.env['TENANTRY_TOKEN']?.trim() || (await localToken(host, url, local));
  // A header cannot carry them, and the error of fetch would show the token.
  if (/[^\u0021-\u007e]/.test(token)) {
    throw new CliError(
      exitCodes.unreachable,
      'TOKEN_MALFORMED',
      'The token has characters that no token has, as a space or a line break.',
      'Set TENANTRY_TOKEN to the token alone.',
    );
  }
  return { url: url.href.replace(/\/+$/, ''), token, local };
}

/** The directory of the local state. */
export function homeOf(host: CliHost): string {
  const given = host.env[options.home.env];
  return given ? options.home.parse(given) : options.home.default();
}

function defaultUrl(host: CliHost): string {
  const given = host.env[options.port.env];
  return `http://127.0.0.1:${given ? options.port.parse(given) : options.port.default()}`;
}

function checkUrl(text: string, flag: boolean): URL {
  const name = flag ? '--url' : 'TENANTRY_URL';
  if (!URL.canParse(text)) throw usageError(`${name} must be an address as http://127.0.0.1:7700.`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw usageError(`${name} must start with http:// or https://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(`${name} must not hold a user or a password.`, 'Put the token into TENANTRY_TOKEN.');
  }
  if (url.search !== '' || url.hash !== '') throw usageError(`${name} must not hold a query or a fragment.`);
  return url;
}

function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

// The admin token of this machine never leaves it: --url could name anybody's server.
async function localToken(host: CliHost, url: URL, local: boolean): Promise<string> {
  if (!local) {
    throw new CliError(
      exitCodes.unreachable,
      'TOKEN_MISSING',
      `${url.host} is another machine, and there is no token for it.`,
      'Set TENANTRY_TOKEN to an API key of that control plane ("tenantry key create" there makes one).',
    );
  }
  const file = join(homeOf(host), 'admin-token');
  try {
    const token = (await readFile(file, 'utf8')).trim();
    if (token !== '') return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new CliError(
        exitCodes.unreachable,
        'TOKEN_MISSING',
        `You may not read ${file}.`,
        'Run the command as the user that started the control plane, or set TENANTRY_TOKEN.',
      );
    }
  }
  throw new CliError(
    exitCodes.unreachable,
    'TOKEN_MISSING',
    `There is no token: TENANTRY_TOKEN is not set and ${file} does not exist.`,
    'Start the control plane with "tenantry up" (it makes the file; TENANTRY_HOME names its directory), or set TENANTRY_TOKEN.',
  );
}

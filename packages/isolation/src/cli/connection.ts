import pg from 'pg';
import { IsolationError } from '../isolation-error.ts';

/** The connection of the control role: of the URL, or of PostgreSQL's own variables. Throws ISOLATION_OPTION. */
export function controlConfig(
  url: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): pg.ClientConfig {
  if (url === undefined) {
    if (env['PGHOST'] === undefined && env['PGDATABASE'] === undefined)
      throw new IsolationError(
        'ISOLATION_OPTION',
        'There is no database: set TENANTRY_ISOLATION_URL, or give --url.',
      );
    return {
      ...(env['PGHOST'] === undefined ? {} : { host: env['PGHOST'] }),
      ...(env['PGPORT'] === undefined ? {} : { port: Number(env['PGPORT']) }),
      ...(env['PGDATABASE'] === undefined ? {} : { database: env['PGDATABASE'] }),
      ...(env['PGUSER'] === undefined ? {} : { user: env['PGUSER'] }),
      ...(env['PGPASSWORD'] === undefined ? {} : { password: env['PGPASSWORD'] }),
    };
  }
  // Not repeated: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new IsolationError(
      'ISOLATION_OPTION',
      'The URL of the database must look like postgresql://login:password@host:5432/database.',
    );
  return { connectionString: url };
}

/** The control plane's credential key; undefined where there is none. Throws ISOLATION_OPTION. */
export function credentialKeyOf(env: Readonly<Record<string, string | undefined>>): Uint8Array | undefined {
  const given = env['TENANTRY_CREDENTIAL_KEY'];
  if (given === undefined || given === '') return undefined;
  const key = Buffer.from(given, 'base64');
  if (key.byteLength !== 32)
    throw new IsolationError('ISOLATION_OPTION', 'TENANTRY_CREDENTIAL_KEY must be the base64 of 32 bytes.');
  return key;
}

/** The application's login, of TENANTRY_ISOLATION_APPLICATION_URL; the one of `--url` where that is not set. */
export function applicationConfig(
  control: pg.ClientConfig,
  env: Readonly<Record<string, string | undefined>>,
): pg.ClientConfig & { readonly user: string } {
  const url = env['TENANTRY_ISOLATION_APPLICATION_URL'];
  const config = url === undefined || url === '' ? control : controlConfig(url, env);
  // The driver knows whom a connection string names.
  const { user } = new pg.Client(config);
  return { ...config, user: user ?? '' };
}

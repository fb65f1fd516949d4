import pg from 'pg';
import { TestingError } from '../errors.ts';

/** Runs a function on a connection. */
export async function connected<T>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...config, application_name: 'tenantry testing' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Who logs in where. */
export interface Parsed {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly ssl: pg.ClientConfig['ssl'];
}

/** A connection string as `pg` reads it, environment included. Throws TESTING_OPTION. */
export function parseUrl(url: string): Parsed {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    // Not repeated: it may hold a password all the same.
    throw new TestingError(
      'TESTING_OPTION',
      'postgres.url must look like postgresql://login:password@host:5432/database.',
    );
  }
  const { host, port, database, user, password, ssl } = new pg.Client({
    connectionString: url,
  }) as pg.Client & {
    readonly ssl: pg.ClientConfig['ssl'];
    readonly password: string | undefined;
  };
  return { host, port, database, user, password: password ?? undefined, ssl };
}

/** The same login in another database. */
export function inDatabase(url: string, database: string): pg.ClientConfig {
  return { ...parseUrl(url), database };
}

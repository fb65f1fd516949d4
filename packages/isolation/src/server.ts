import pg from 'pg';
import type { ServerFingerprint } from './result.ts';

export interface Described<T> {
  readonly server: ServerFingerprint;
  /** Schemas that are called as tenants are. */
  readonly tenants: number;
  readonly verified: T | undefined;
}

/** Connects, says which server that is, and lets `verify` use the connection. */
export async function describeServer<T>(
  control: pg.ClientConfig,
  verify: ((client: pg.Client) => Promise<T>) | undefined,
): Promise<Described<T>> {
  const client = new pg.Client({
    application_name: 'tenantry isolation',
    connectionTimeoutMillis: 10_000,
    ...control,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<
      ServerFingerprint & { readonly tenants: number; readonly readable: boolean }
    >(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_database()::text AS database, current_user::text AS role,
              (SELECT count(*)::int FROM pg_namespace WHERE nspname ~ '^t_[a-z2-7]{12}$') AS tenants,
              has_function_privilege('pg_control_system()', 'EXECUTE') AS readable`,
    );
    const { readable, tenants, ...server } = rows[0]!;
    const systemIdentifier = readable ? await identifierOf(client) : null;
    return { server: { ...server, systemIdentifier }, tenants, verified: await verify?.(client) };
  } finally {
    await client.end();
  }
}

async function identifierOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return rows[0]!.id;
}

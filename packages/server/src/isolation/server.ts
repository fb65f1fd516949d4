import type { ServerFingerprint } from '@tenantry/isolation';
import type { Cell } from '../db/cells/registry.ts';

/** Which server and database a cell is, so that a run cannot be passed off as another's. */
export async function fingerprintOfServer(cell: Cell): Promise<ServerFingerprint> {
  return cell.withConnection(async (client) => {
    const { rows } = await client.query<Omit<ServerFingerprint, 'systemIdentifier'> & { readable: boolean }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_database()::text AS database,
              current_user::text AS role, has_function_privilege('pg_control_system()', 'EXECUTE') AS readable`,
    );
    const { readable, ...server } = rows[0]!;
    if (!readable) return { ...server, systemIdentifier: null };
    const { rows: found } = await client.query<{ id: string }>(
      'SELECT system_identifier::text AS id FROM pg_control_system()',
    );
    return { ...server, systemIdentifier: found[0]!.id };
  });
}

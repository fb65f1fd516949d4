import pg from 'pg';
import { TestingError } from '../errors.ts';

const { escapeIdentifier } = pg;

/** The oldest PostgreSQL with the membership options (INHERIT, SET) that isolation rests on. */
const minimumVersion = 160_000;

interface Facts {
  readonly version: number;
  readonly versionText: string;
  readonly login: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly readOnly: boolean;
  readonly missing: readonly string[];
}

/** Rejects with TESTING_SERVER, which says the SQL, where a kit cannot make its database and its roles. */
export async function checkServer(client: pg.ClientBase, extensions: readonly string[]): Promise<void> {
  const { rows } = await client.query<Facts>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS "versionText",
            current_user::text AS login, rolsuper AS superuser, rolcreaterole AS "createRole", rolcreatedb AS "createDatabase",
            pg_is_in_recovery() AS "readOnly",
            ARRAY(SELECT u.name FROM unnest($1::text[]) AS u (name) WHERE u.name NOT IN (SELECT name FROM pg_available_extensions)) AS missing
       FROM pg_roles WHERE rolname = current_user`,
    [extensions],
  );
  const { version, versionText, login, superuser, createRole, createDatabase, readOnly, missing } = rows[0]!;
  if (version < minimumVersion)
    throw refused(
      `PostgreSQL ${versionText} is too old: test tenants need 16 or newer. Upgrade the server, or leave out \`postgres\`.`,
    );
  if (readOnly) throw refused('The server is a read-only replica. Give the address of the primary.');
  const lacking = superuser
    ? []
    : [...(createRole ? [] : ['CREATEROLE']), ...(createDatabase ? [] : ['CREATEDB'])];
  if (lacking.length > 0) {
    throw refused(
      `${login} may not make roles and databases. As a superuser (on a managed server: its master user) run: ` +
        `ALTER ROLE ${escapeIdentifier(login)} ${lacking.join(' ')};`,
    );
  }
  if (missing.length > 0)
    throw refused(
      `The extension ${missing.join(', ')} is not available on this server. Install its package, or take it off \`extensions\`.`,
    );
}

/** The one way to say that a server will not do. */
export function refused(message: string): TestingError {
  return new TestingError('TESTING_SERVER', message);
}

import pg from 'pg';
import type { CellCheckItem } from '@tenantry/contract';

const { escapeIdentifier } = pg;

/** The oldest PostgreSQL with the membership options (INHERIT, SET) that isolation rests on. */
export const minimumVersion = 160_000;

interface Facts {
  readonly version: number;
  readonly versionText: string;
  readonly login: string;
  readonly database: string;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly ownsDatabase: boolean;
  readonly mayUseAudit: boolean;
  /** Groups that another control role of this server made, and this one cannot grant. */
  readonly foreignGroups: readonly string[];
  /** Another role owns the schema of the lease functions. */
  readonly foreignLeases: boolean;
  readonly maxLocks: number;
  readonly readOnly: boolean;
  readonly available: readonly string[];
  readonly installed: readonly { readonly name: string; readonly schema: string }[];
}

/**
 * Says what a database lacks to be a cell, and the SQL that mends it. Reads catalogs only.
 *
 * Needs nothing but a connection as the role that is to be the control role; `allowedExtensions` are those that
 * migrations of this cell may use.
 */
export async function checkCell(
  client: pg.ClientBase,
  allowedExtensions: readonly string[],
): Promise<CellCheckItem[]> {
  const facts = await readFacts(client);
  const role = escapeIdentifier(facts.login);
  const database = escapeIdentifier(facts.database);
  return [
    item('version', facts.version >= minimumVersion, 'error', {
      good: `PostgreSQL ${facts.versionText}`,
      bad: `PostgreSQL ${facts.versionText} is too old: Tenantry needs 16 or newer. Upgrade the server.`,
    }),
    item('writable', !facts.readOnly, 'error', {
      good: 'The server takes writes',
      bad: 'The server is a read-only replica. Give the address of the primary.',
    }),
    item('not-superuser', !facts.superuser, 'error', {
      good: `${facts.login} is not a superuser`,
      bad: `${facts.login} is a superuser, which no grant can hold back. Make a role for Tenantry and use it instead:`,
      sql: `CREATE ROLE tenantry_control LOGIN CREATEROLE PASSWORD '…'; ALTER DATABASE ${database} OWNER TO tenantry_control;`,
    }),
    item('no-bypass', facts.superuser || (!facts.bypassRls && !facts.replication), 'error', {
      good: `${facts.login} has neither BYPASSRLS nor REPLICATION`,
      bad: `${facts.login} has more attributes than it needs. As a superuser run:`,
      sql: `ALTER ROLE ${role} NOBYPASSRLS NOREPLICATION;`,
    }),
    item('create-role', facts.createRole || facts.superuser, 'error', {
      good: `${facts.login} may create roles`,
      bad: `${facts.login} may not create roles. As a superuser (on RDS: the master user) run:`,
      sql: `ALTER ROLE ${role} CREATEROLE;`,
    }),
    item('owns-database', facts.ownsDatabase, 'error', {
      good: `${facts.login} owns the database`,
      bad: `${facts.login} does not own the database ${facts.database}. As its owner or a superuser run:`,
      sql: `ALTER DATABASE ${database} OWNER TO ${role};`,
    }),
    item('audit-out-of-reach', !facts.mayUseAudit, 'warning', {
      good: `${facts.login} cannot become the owner of the audit trail`,
      bad: `${facts.login} administers tenantry_audit, which owns the audit trail, because it created it. As a superuser run:`,
      sql: `REVOKE tenantry_audit FROM ${role};`,
    }),
    item('groups', facts.foreignGroups.length === 0, 'error', {
      good: 'The groups of Tenantry are free, or its own',
      bad: `The roles ${facts.foreignGroups.join(', ')} belong to another control role of this server. Use that one, another server, or as a superuser run:`,
      sql: `GRANT ${facts.foreignGroups.map(escapeIdentifier).join(', ')} TO ${role} WITH ADMIN TRUE, INHERIT FALSE, SET TRUE;`,
    }),
    item('lease-schema', !facts.foreignLeases, 'error', {
      good: 'The schema tenantry_lease is free, or its own',
      bad: `The schema tenantry_lease belongs to another role. As its owner or a superuser run:`,
      sql: `ALTER SCHEMA tenantry_lease OWNER TO ${role};`,
    }),
    item('locks', facts.maxLocks >= 256, 'warning', {
      good: `max_locks_per_transaction is ${facts.maxLocks}`,
      bad: `max_locks_per_transaction is ${facts.maxLocks}; a tenant of many tables needs more in one transaction. As a superuser run, then restart:`,
      sql: 'ALTER SYSTEM SET max_locks_per_transaction = 1024;',
    }),
    ...allowedExtensions.map((name) => extensionItem(name, facts)),
  ];
}

/** True when nothing of severity error failed. */
export function isFit(items: readonly CellCheckItem[]): boolean {
  return items.every(({ ok, severity }) => ok || severity !== 'error');
}

function extensionItem(name: string, facts: Facts): CellCheckItem {
  const installed = facts.installed.find((extension) => extension.name === name);
  const fits = installed === undefined ? facts.available.includes(name) : installed.schema === 'extensions';
  const bad =
    installed === undefined
      ? `The extension ${name} is not available on this server. Install its package, or take it off TENANTRY_EXTENSIONS.`
      : `The extension ${name} lies in the schema ${installed.schema}, where tenants cannot use it. As a superuser run:`;
  const sql =
    installed === undefined ? null : `ALTER EXTENSION ${escapeIdentifier(name)} SET SCHEMA extensions;`;
  return item(`extension-${name}`, fits, 'error', { good: `The extension ${name} can be used`, bad, sql });
}

/** One finding: the text of what is so, and the SQL only where something is not. */
export function item(
  name: string,
  ok: boolean,
  severity: 'error' | 'warning',
  texts: { readonly good: string; readonly bad: string; readonly sql?: string | null },
): CellCheckItem {
  return { name, ok, severity, message: ok ? texts.good : texts.bad, sql: ok ? null : (texts.sql ?? null) };
}

async function readFacts(client: pg.ClientBase): Promise<Facts> {
  const { rows } = await client.query<Facts>(`
    SELECT current_setting('server_version_num')::int AS version,
           current_setting('server_version') AS "versionText",
           current_user AS login,
           current_database() AS database,
           r.rolsuper AS superuser,
           r.rolcreaterole AS "createRole",
           r.rolreplication AS replication,
           r.rolbypassrls AS "bypassRls",
           pg_has_role(current_user, d.datdba, 'USAGE') AS "ownsDatabase",
           EXISTS (
             SELECT FROM pg_auth_members m JOIN pg_roles a ON a.oid = m.roleid
              WHERE a.rolname = 'tenantry_audit' AND m.member = r.oid
           ) AS "mayUseAudit",
           ARRAY(
             SELECT g.rolname::text FROM pg_roles g
              WHERE (g.rolname IN ('tenantry_tenants', 'tenantry_owners', 'tenantry_registrar', 'tenantry_slots', 'tenantry_broker', 'tenantry_reference')
                     OR g.rolname ~ '^tenantry_slot_[0-9]+$')
                AND NOT r.rolsuper AND NOT pg_has_role(g.oid, 'MEMBER WITH ADMIN OPTION')
           ) AS "foreignGroups",
           EXISTS (
             SELECT FROM pg_namespace n
              WHERE n.nspname = 'tenantry_lease' AND NOT pg_has_role(current_user, n.nspowner, 'USAGE')
           ) AS "foreignLeases",
           current_setting('max_locks_per_transaction')::int AS "maxLocks",
           pg_is_in_recovery() AS "readOnly",
           ARRAY(SELECT name::text FROM pg_available_extensions) AS available,
           coalesce((
             SELECT json_agg(json_build_object('name', e.extname, 'schema', n.nspname))
               FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
           ), '[]') AS installed
      FROM pg_roles r, pg_database d
     WHERE r.rolname = current_user AND d.datname = current_database()`);
  return rows[0]!;
}

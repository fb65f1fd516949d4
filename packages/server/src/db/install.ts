import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { ConfigError } from '../errors.ts';
import { takeAdvisoryLock } from './advisory-lock.ts';
import { clientConfig } from './database.ts';

const { escapeIdentifier } = pg;

/** One step of the control schema. Forward only; `breaking` when an older program must not run on what it makes. */
interface SchemaVersion {
  readonly version: number;
  readonly files: readonly { readonly file: string; readonly owner: 'control' | 'audit' }[];
  readonly breaking: boolean;
}

export const schemaVersions: readonly SchemaVersion[] = [
  {
    version: 1,
    files: [
      { file: '0001_audit.sql', owner: 'audit' },
      { file: '0001_control.sql', owner: 'control' },
    ],
    breaking: true,
  },
  {
    version: 2,
    files: [{ file: '0002_readers.sql', owner: 'control' }],
    breaking: false,
  },
  {
    version: 3,
    files: [{ file: '0003_isolation.sql', owner: 'control' }],
    breaking: false,
  },
  {
    version: 4,
    files: [{ file: '0004_security.sql', owner: 'control' }],
    breaking: false,
  },
  {
    version: 5,
    files: [{ file: '0005_sessions.sql', owner: 'control' }],
    breaking: false,
  },
  {
    version: 6,
    files: [{ file: '0006_evidence.sql', owner: 'audit' }],
    breaking: false,
  },
  {
    version: 7,
    files: [
      { file: '0007_order.sql', owner: 'control' },
      { file: '0007_evidence_order.sql', owner: 'audit' },
    ],
    breaking: false,
  },
];

const auditRole = 'tenantry_audit';

export interface InstallOptions {
  /** Connection string of the control role. */
  readonly url: string;
  /**
   * Runs `install` while the control role may become tenantry_audit. The embedded cell lends that through its superuser;
   * elsewhere the control role lends it to itself for the moment, being the one that created the role.
   */
  readonly withAuditGrant?: (install: () => Promise<void>) => Promise<void>;
}

/**
 * Brings the control schema to the version of this program. Any number of processes may call it at once: one installs,
 * the others wait and find it done. Throws ConfigError when the database holds a newer, breaking version.
 */
export async function installControlSchema(options: InstallOptions): Promise<void> {
  const client = new pg.Client(clientConfig(options.url, 'tenantry install'));
  await client.connect();
  try {
    // A session lock: held over the several transactions below, gone with the connection whatever happens.
    await takeAdvisoryLock(client, { name: 'tenantry.install' });
    const installed = await installedVersions(client);
    refuseNewer(installed);
    const missing = schemaVersions.filter(({ version }) => !installed.has(version));
    if (missing.length === 0) return;
    const install = async () => {
      for (const version of missing) await apply(client, version);
    };
    // Lent only where it is needed: who has taken it back may have nobody at hand to lend it again.
    const isNeeded = missing.some(({ files }) => files.some(({ owner }) => owner === 'audit'));
    const lend = options.withAuditGrant ?? ((installing) => lendToSelf(client, installing));
    await (isNeeded ? lend(install) : install());
  } finally {
    await client.end();
  }
}

async function installedVersions(client: pg.Client): Promise<Map<number, boolean>> {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS tenantry;
    CREATE TABLE IF NOT EXISTS tenantry.schema_versions (
      version      integer PRIMARY KEY,
      breaking     boolean NOT NULL,
      installed_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await client.query<{ version: number; breaking: boolean }>(
    'SELECT version, breaking FROM tenantry.schema_versions',
  );
  return new Map(rows.map((row) => [row.version, row.breaking]));
}

function refuseNewer(installed: ReadonlyMap<number, boolean>): void {
  const known = Math.max(...schemaVersions.map(({ version }) => version));
  const newer = [...installed].filter(([version, breaking]) => version > known && breaking);
  if (newer.length === 0) return;
  throw new ConfigError(
    `The control schema is at version ${Math.max(...newer.map(([version]) => version))}, which this program (version ${known}) ` +
      'cannot work with. Update Tenantry, or restore the backup that was made before the update.',
  );
}

async function lendToSelf(client: pg.Client, install: () => Promise<void>): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [auditRole]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${auditRole} NOLOGIN`);
  const { rows } = await client.query<{ may: boolean }>(`SELECT pg_has_role($1, 'SET') AS may`, [auditRole]);
  // Lent by whoever made the role: it is theirs to take back.
  if (rows[0]?.may === true) return install();
  await client.query(`GRANT ${auditRole} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE`);
  try {
    await install();
  } finally {
    await client.query(`REVOKE ${auditRole} FROM CURRENT_USER GRANTED BY CURRENT_USER`);
  }
}

async function apply(client: pg.Client, version: SchemaVersion): Promise<void> {
  await client.query('BEGIN');
  try {
    for (const { file, owner } of version.files) {
      const sql = await readFile(new URL(`schema/${file}`, import.meta.url), 'utf8');
      if (owner === 'audit') await asAudit(client, sql);
      else await client.query(sql);
    }
    await client.query('INSERT INTO tenantry.schema_versions (version, breaking) VALUES ($1, $2)', [
      version.version,
      version.breaking,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function asAudit(client: pg.Client, sql: string): Promise<void> {
  const { rows } = await client.query<{ control: string }>('SELECT current_user AS control');
  const control = escapeIdentifier(rows[0]!.control);
  await client.query(`CREATE SCHEMA IF NOT EXISTS tenantry_audit AUTHORIZATION ${auditRole}`);
  await client.query(`SET LOCAL ROLE ${auditRole}`);
  await client.query(sql);
  await client.query(`
    GRANT USAGE ON SCHEMA tenantry_audit TO ${control};
    GRANT SELECT ON tenantry_audit.events, tenantry_audit.head TO ${control};
    GRANT EXECUTE ON FUNCTION tenantry_audit.append, tenantry_audit.verify TO ${control};
    RESET ROLE`);
}

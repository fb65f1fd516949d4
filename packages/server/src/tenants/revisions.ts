import pg from 'pg';
import { forecast, type ForecastFile } from '@tenantry/migrate';
import type { Revision, RevisionList, RevisionState } from '@tenantry/contract';
import type { TenantContext } from './context.ts';
import { lookInside } from './inside.ts';

const { escapeIdentifier } = pg;

interface HistoryRow {
  readonly installed_rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly installed_by: string;
  readonly installed_on: Date;
  readonly execution_time: number;
  readonly success: boolean;
}

/**
 * What ran in a tenant, against the configured migrations. Throws TENANT_NOT_FOUND, DATABASE_UNAVAILABLE and the codes of
 * loading migrations.
 */
export async function listTenantMigrations(ctx: TenantContext, ref: string): Promise<RevisionList> {
  const { set } = await ctx.migrations.current();
  const { tenant, history } = await lookInside(ctx, ref, async (inside) => ({
    tenant: inside.tenant,
    history: inside.exists
      ? await inside.as('owner', (client) => readHistory(client, inside.tenant.schema_name))
      : [],
  }));
  // What a repeatable migration is, depends on the schema: its placeholders count.
  const schema = tenant.schema_name;
  const files = await forecast(set, { schema, placeholders: ctx.migrations.placeholdersFor(schema) });
  const items = compare(history, files.map(asFile));
  const count = (...states: RevisionState[]) => items.filter(({ state }) => states.includes(state)).length;
  return {
    schemaVersion: tenant.schema_version,
    configuredVersion: set.schemaVersion,
    behind: count('pending', 'outdated'),
    drifted: count('changed', 'missing', 'failed'),
    items,
  };
}

async function readHistory(client: pg.ClientBase, schema: string): Promise<readonly HistoryRow[]> {
  const name = `${escapeIdentifier(schema)}.flyway_schema_history`;
  const { rows: found } = await client.query<{ oid: string | null }>('SELECT to_regclass($1) AS oid', [name]);
  if (found[0]?.oid === null) return [];
  // The column has no zone; the server wrote it with its own.
  const { rows } = await client.query<HistoryRow>(`
    SELECT installed_rank, version, description, type, script, checksum, installed_by,
           installed_on AT TIME ZONE current_setting('TimeZone') AS installed_on, execution_time, success
      FROM ${name} ORDER BY installed_rank`);
  return rows;
}

type File = Pick<Revision, 'version' | 'description' | 'script'> & {
  readonly kind: 'versioned' | 'repeatable';
  readonly checksum: number;
};

function asFile({ migration, checksum }: ForecastFile): File {
  const { kind, version, description, script } = migration;
  return { kind, version, description, script, checksum };
}

function compare(history: readonly HistoryRow[], files: readonly File[]): Revision[] {
  const byKey = new Map(files.map((file) => [keyOf(file), file]));
  const lastRank = new Map(history.map((row) => [keyOf(row), row.installed_rank]));
  const ran = history.map((row): Revision => {
    const file = byKey.get(keyOf(row));
    const isLast = lastRank.get(keyOf(row)) === row.installed_rank;
    return {
      rank: row.installed_rank,
      kind: kindOf(row),
      version: row.version,
      description: row.description,
      script: row.script,
      state: stateOf(row, file, isLast),
      checksum: row.checksum,
      fileChecksum: file?.checksum ?? null,
      installedBy: row.installed_by,
      installedAt: row.installed_on.toISOString(),
      ms: row.execution_time,
    };
  });
  const pending = files
    .filter((file) => !lastRank.has(keyOf(file)))
    .map((file): Revision => ({
      rank: null,
      kind: file.kind,
      version: file.version,
      description: file.description,
      script: file.script,
      state: 'pending',
      checksum: null,
      fileChecksum: file.checksum,
      installedBy: null,
      installedAt: null,
      ms: null,
    }));
  return [...ran, ...pending];
}

/** A versioned migration is its version, a repeatable one its description. */
function keyOf({
  version,
  description,
}: {
  readonly version: string | null;
  readonly description: string;
}): string {
  return version === null ? `R ${description}` : `V ${version}`;
}

function kindOf({ type, version }: HistoryRow): Revision['kind'] {
  if (type === 'SQL' || type === 'JDBC') return version === null ? 'repeatable' : 'versioned';
  if (type.startsWith('UNDO')) return 'undo';
  return type.endsWith('BASELINE') ? 'baseline' : 'other';
}

function stateOf(row: HistoryRow, file: File | undefined, isLast: boolean): RevisionState {
  if (!row.success) return 'failed';
  if (!isLast) return 'superseded';
  const kind = kindOf(row);
  if (kind !== 'versioned' && kind !== 'repeatable') return 'applied';
  if (!file) return 'missing';
  if (row.checksum === file.checksum) return 'applied';
  return kind === 'repeatable' ? 'outdated' : 'changed';
}

import pg from 'pg';
import type { CellCheckItem } from '@tenantry/contract';
import { checkCell, isFit } from '../db/cells/check.ts';
import type { LeasePlan } from '../db/cells/leases.ts';
import { prepareCell, refusedExtensions } from '../db/cells/prepare.ts';
import { clientConfig } from '../db/database.ts';
import { explain, sqlStateOf } from '../db/pg-errors.ts';
import { TenantryError } from '../errors.ts';

export interface Inspection {
  readonly items: readonly CellCheckItem[];
  readonly serverVersion: string;
  readonly systemIdentifier: string;
}

/** Connects, checks, and when the database is fit and there is a plan, prepares it. Throws CELL_UNREACHABLE, CELL_LOGIN_REFUSED. */
export async function inspectCell(
  url: string,
  name: string,
  allowedExtensions: readonly string[],
  plan?: LeasePlan,
): Promise<Inspection> {
  const refused = allowedExtensions.find((extension) => refusedExtensions.has(extension));
  if (refused) {
    throw new TenantryError(
      'VALIDATION',
      `The extension ${refused} runs SQL text or leaves the database; no tenant may have it.`,
    );
  }
  const client = new pg.Client(clientConfig(url, 'tenantry cell'));
  client.on('error', () => {});
  try {
    await connect(client, name);
    const items = await checkCell(client, allowedExtensions);
    const { rows } = await client.query<{ version: string; id: string }>(
      `SELECT current_setting('server_version') AS version, system_identifier::text AS id FROM pg_control_system()`,
    );
    if (plan && isFit(items)) await prepareCell(client, allowedExtensions, plan);
    return { items, serverVersion: rows[0]!.version, systemIdentifier: rows[0]!.id };
  } catch (error) {
    const told = explain(error, `The cell ${name}`);
    if (told instanceof TenantryError && told.code === 'DATABASE_UNAVAILABLE') {
      throw new TenantryError(
        'CELL_UNREACHABLE',
        `The cell ${name} cannot be reached. Check host, port, network and sslmode.`,
        {},
        error,
      );
    }
    throw told;
  } finally {
    await client.end().catch(() => {});
  }
}

/** PostgreSQL lets the login in and then refuses the database: it does not exist, or the login has no CONNECT on it. */
const refusedDatabase = new Set(['3D000', '42501']);

async function connect(client: pg.Client, name: string): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === undefined || !refusedDatabase.has(state)) throw error;
    const text = `The cell ${name} refused the database. Check that it exists and that the login may connect to it.`;
    throw new TenantryError('CELL_LOGIN_REFUSED', text, { sqlState: state }, error);
  }
}

/** Throws CELL_VERSION_UNSUPPORTED or CELL_UNFIT with what is missing and the SQL that mends it. */
export function expectFit(inspection: Inspection): void {
  if (isFit(inspection.items)) return;
  const failed = inspection.items.filter((item) => !item.ok && item.severity === 'error');
  const version = failed.find((item) => item.name === 'version');
  if (version) throw new TenantryError('CELL_VERSION_UNSUPPORTED', version.message);
  const errors = failed.map((item) => ({
    path: item.name,
    message: item.sql === null ? item.message : `${item.message} ${item.sql}`,
  }));
  throw new TenantryError('CELL_UNFIT', errors.map((error) => error.message).join('\n'), { errors });
}

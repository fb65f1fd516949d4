import pg from 'pg';
import { ownerOf, sealedConnection, tenantId } from '@tenantry/tenancy';
import { canaryTable } from '../../db/cells/prepare.ts';
import { referenceSchema } from '../../db/cells/reference.ts';
import type { Cell } from '../../db/cells/registry.ts';
import { explain, sqlStateOf } from '../../db/pg-errors.ts';
import { TenantryError } from '../../errors.ts';
import type { EarlySocket } from './early-socket.ts';

const { escapeIdentifier } = pg;

export interface ProbeInput {
  readonly tenant: string;
  readonly cell: Cell;
  readonly credentialKey: Uint8Array;
  readonly credentialVersion: number;
  /** The schema of another tenant of the cell, if there is one; asked for while the login is made. */
  readonly neighbour: Promise<string | null>;
  /** Used for the login where it still stands. */
  readonly socket?: EarlySocket | undefined;
}

/** Every attempt must be answered with this: insufficient_privilege. */
const denied = '42501';

/**
 * Logs in as the tenant, over the lane that an application uses, and tries what it must not be able to do. Each attempt
 * has to be refused by PostgreSQL with 42501; first it shows that the login does reach what is its own.
 * Throws ISOLATION_PROBE_FAILED naming the attempt.
 */
export async function probeIsolation(input: ProbeInput): Promise<{ readonly attempts: number }> {
  const tenant = tenantId(input.tenant);
  const connection = sealedConnection({
    cell: input.cell.address,
    tenant,
    credentialKey: input.credentialKey,
    credentialVersion: input.credentialVersion,
    applicationName: 'tenantry probe',
  });
  const { socket } = input;
  const stream = socket === undefined || socket.destroyed ? {} : { stream: () => socket };
  // All attempts are under way together, one after the other on the server, each in a transaction of its own.
  const client = new pg.Client({ ...connection, ...pipeline, ...stream });
  client.on('error', () => {});
  try {
    const [neighbour] = await Promise.all([input.neighbour, client.connect()]);
    const attempts = attemptsOf(tenant, neighbour);
    const answers = await Promise.allSettled([
      expectOwn(client, tenant),
      ...attempts.map(([name, sql]) => expectDenied(client, name, sql)),
    ]);
    const surprise = answers.find((answer) => answer.status === 'rejected');
    if (surprise) throw surprise.reason;
    return { attempts: attempts.length };
  } catch (error) {
    throw explain(error, `The cell ${input.cell.name}`);
  } finally {
    // A backend takes milliseconds to end; nobody has to wait for that.
    void client.end().catch(() => {});
  }
}

/** Unknown to the types of pg, which knows it. */
const pipeline: object = { pipeline: true };

function attemptsOf(tenant: string, neighbour: string | null): [name: string, sql: string][] {
  const attempts: [string, string][] = [
    ['read the canary of the cell', `SELECT * FROM ${canaryTable}`],
    ['create a table in its own schema', `CREATE TABLE ${escapeIdentifier(tenant)}.tenantry_probe ()`],
    ['create a table in public', 'CREATE TABLE public.tenantry_probe ()'],
    ['create a temporary table', 'CREATE TEMPORARY TABLE tenantry_probe ()'],
    ['rewrite its migration history', `DELETE FROM ${escapeIdentifier(tenant)}.flyway_schema_history`],
    ['become its owner', `SET ROLE ${escapeIdentifier(ownerOf(tenantId(tenant)))}`],
    ['read the control schema', 'SELECT * FROM tenantry.tenants'],
    ['create a table among the reference tables', `CREATE TABLE ${referenceSchema}.tenantry_probe ()`],
  ];
  if (neighbour !== null) {
    attempts.push([
      'read another tenant',
      `SELECT * FROM ${escapeIdentifier(tenantId(neighbour))}.flyway_schema_history`,
    ]);
    attempts.push(['become another tenant', `SET ROLE ${escapeIdentifier(tenantId(neighbour))}`]);
  }
  return attempts;
}

async function expectOwn(client: pg.Client, tenant: string): Promise<void> {
  const { rows } = await client.query<{ me: string; session: string }>(
    `SELECT current_user AS me, session_user AS session FROM ${escapeIdentifier(tenant)}.flyway_schema_history LIMIT 1`,
  );
  const row = rows[0];
  if (row && (row.me !== tenant || row.session !== tenant))
    throw failed('log in as itself', `it became ${row.me}`);
}

async function expectDenied(client: pg.Client, name: string, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === denied) return;
    // On a database without the control schema its name does not even resolve, which tells as little.
    if (state === '42P01' && name === 'read the control schema') return;
    // The same for a cell without reference tables.
    if (state === '3F000' && sql.includes(`${referenceSchema}.`)) return;
    if (state === undefined) throw error;
    throw failed(name, `PostgreSQL answered ${state} instead of ${denied}`);
  }
  throw failed(name, 'PostgreSQL allowed it');
}

function failed(attempt: string, what: string): TenantryError {
  return new TenantryError(
    'ISOLATION_PROBE_FAILED',
    `The new tenant tried to ${attempt}: ${what}. It was not activated.`,
  );
}

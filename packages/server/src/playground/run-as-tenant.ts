import pg from 'pg';
import type { Socket } from 'node:net';
import type { PlaygroundResult } from '@tenantry/contract';
import { sealedConnection, tenantId } from '@tenantry/tenancy';
import type { Cell } from '../db/cells/registry.ts';
import { explain } from '../db/pg-errors.ts';
import { BoundedQuery } from './bounded-query.ts';
import { conditionOf } from './conditions.ts';
import { limits } from './limits.ts';

export interface TenantLogin {
  readonly cell: Cell;
  readonly schema: string;
  readonly credentialKey: Uint8Array;
  readonly credentialVersion: number;
}

export type Answer = Pick<PlaygroundResult, 'columns' | 'rows' | 'truncated' | 'command' | 'refused'>;

/** Bytes from the socket after which it is closed: one value alone can be a gigabyte. */
const mostReceived = 4 * limits.bytes;
/** Milliseconds that everything may take on our side; PostgreSQL ends the statement itself well before. */
const patience = limits.ms + 3_000;

/**
 * Logs in as the tenant, as an application does, and runs one statement in a read-only transaction that is rolled back, whatever it was.
 * A refusal of PostgreSQL is an answer. Throws DATABASE_UNAVAILABLE.
 */
export async function runAsTenant(login: TenantLogin, text: string): Promise<Answer> {
  const client = new pg.Client(configOf(login));
  client.on('error', () => {});
  const where = `The cell ${login.cell.name}`;
  try {
    await client.connect();
    await client.query(begin);
    return await ask(client, text);
  } catch (error) {
    throw explain(error, where);
  } finally {
    // Not to be used again: whatever the statement left in the session goes with it, the transaction first.
    socketOf(client).destroy();
  }
}

/** With a timeout on this side: a server that is frozen answers nothing. */
const begin = { text: 'BEGIN READ ONLY', query_timeout: patience } as pg.QueryConfig;

function configOf({ cell, schema, credentialKey, credentialVersion }: TenantLogin): pg.ClientConfig {
  const connection = sealedConnection({
    cell: cell.address,
    tenant: tenantId(schema),
    credentialKey,
    credentialVersion,
    applicationName: 'tenantry playground',
  });
  // Later settings win over earlier ones. pg's own timeout would take the place of the query's listeners; ours is below.
  const bounds = `-c default_transaction_read_only=on -c statement_timeout=${limits.ms} -c lock_timeout=500 -c idle_in_transaction_session_timeout=${patience}`;
  return { ...connection, options: `${connection.options ?? ''} ${bounds}`, query_timeout: 0 };
}

function socketOf(client: pg.Client): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}

async function ask(client: pg.Client, text: string): Promise<Answer> {
  const query = new BoundedQuery(text, limits.rows);
  const rows: (string | null)[][] = [];
  let fields: readonly pg.FieldDef[] = [];
  let command: string | null = null;
  let bytes = 0;
  let cut = false;
  const socket = socketOf(client);
  const ended = Promise.withResolvers<void>();
  const cutOff = () => {
    cut = true;
    socket.destroy();
    ended.resolve();
  };
  let received = 0;
  const count = (chunk: Buffer) => {
    received += chunk.length;
    if (received > mostReceived) cutOff();
  };
  socket.on('data', count);
  query.on('row', (row, result) => {
    if (cut) return;
    fields = result?.fields ?? [];
    bytes += row.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (bytes > limits.bytes) cutOff();
    else rows.push(row);
  });
  query.on('end', (result) => {
    fields = result.fields;
    command = result.command ?? null;
    ended.resolve();
  });
  query.on('error', (error) => ended.reject(error));
  const timer = setTimeout(() => ended.reject(new Error('Query read timeout')), patience);
  client.query(query);
  try {
    await ended.promise;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return refusalOf(error);
    throw error;
  } finally {
    clearTimeout(timer);
    socket.off('data', count);
  }
  const names = cut ? new Map<number, string>() : await typeNames(client, fields);
  return {
    columns: fields.map(({ name, dataTypeID }) => ({ name, type: names.get(dataTypeID) ?? 'unknown' })),
    rows,
    truncated: cut || query.suspended,
    command: command ?? (rows.length > 0 ? 'SELECT' : null),
    refused: null,
  };
}

function refusalOf(error: pg.DatabaseError): Answer {
  const sqlState = error.code ?? 'XX000';
  return {
    columns: [],
    rows: [],
    truncated: false,
    command: null,
    refused: {
      sqlState,
      condition: conditionOf(sqlState),
      message: error.message,
      detail: error.detail ?? null,
      hint: error.hint ?? null,
      position: error.position === undefined ? null : Number(error.position),
    },
  };
}

async function typeNames(
  client: pg.Client,
  fields: readonly pg.FieldDef[],
): Promise<ReadonlyMap<number, string>> {
  if (fields.length === 0) return new Map();
  const { rows } = await client.query<{ oid: number; name: string }>(
    'SELECT oid::int8::int AS oid, pg_catalog.format_type(oid, NULL) AS name FROM pg_catalog.pg_type WHERE oid = ANY ($1::oid[])',
    [fields.map(({ dataTypeID }) => dataTypeID)],
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

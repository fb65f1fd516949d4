import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Configuration } from '../config/load.ts';
import type { ConnectionTarget } from '../config/target.ts';
import { connectionTarget } from '../config/target.ts';
import { redactUrl } from '../config/url.ts';
import { connect } from './connect.ts';
import type { ExitCode } from './failure.ts';
import { Interrupted } from './failure.ts';
import type { MigrateHost } from './host.ts';
import type { OptionValues } from './options.ts';
import type { Output } from './output.ts';

/** One command that is running. */
export interface Run {
  readonly host: MigrateHost;
  readonly out: Output;
  readonly options: OptionValues;
  readonly configuration: Configuration;
  /** A connection that is this command's alone, closed when it ends. */
  readonly connection: () => Promise<pg.Client>;
}

/** How a command ended, and what `--json` shows of it. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Runs the body of a command; closes its connection and turns Ctrl-C into a cancelled statement. */
export async function runCommand(
  base: Omit<Run, 'connection'>,
  interrupted: AbortSignal,
  body: (run: Run) => Promise<Outcome>,
): Promise<Outcome> {
  let client: pg.Client | undefined;
  let target: ConnectionTarget | undefined;
  const ended = new AbortController();
  const cancel = () => void (client && target && cancelStatements(client, target, ended.signal));
  interrupted.addEventListener('abort', cancel);
  try {
    return await body({
      ...base,
      connection: async () => {
        target = connectionTarget(base.configuration.connection, base.host.env);
        client = await openConnection(base, target, interrupted);
        return client;
      },
    });
  } catch (error) {
    if (interrupted.aborted) throw new Interrupted();
    throw error;
  } finally {
    interrupted.removeEventListener('abort', cancel);
    ended.abort();
    await client?.end().catch(() => undefined);
  }
}

async function openConnection(
  { out, configuration }: Omit<Run, 'connection'>,
  target: ConnectionTarget,
  signal: AbortSignal,
): Promise<pg.Client> {
  for (const name of target.unknown)
    out.warn(`The option ${name} of the connection is not known; it has no effect.`);
  const { connectRetries: retries, connectRetriesInterval: interval } = configuration.connection;
  const onRetry = (message: string, seconds: number) => out.warn(`${message} (trying again in ${seconds} s)`);
  const client = await connect(target, { retries, interval, onRetry, signal });
  const { rows } = await client.query<{ version: string }>(
    `SELECT pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS version`,
  );
  out.info(`Database: ${redactUrl({ ...target, options: {} })} (PostgreSQL ${rows[0]?.version ?? ''})`);
  return client;
}

/**
 * PostgreSQL goes on with a statement whose client is gone, so it is told to stop. Told again until the command has ended,
 * because between two statements there is nothing to cancel.
 */
async function cancelStatements(
  client: pg.Client,
  target: ConnectionTarget,
  ended: AbortSignal,
): Promise<void> {
  const { processID } = client as pg.Client & { readonly processID: number | null };
  try {
    const other = await connect(target, { retries: 0, interval: 0 });
    while (!ended.aborted) {
      await other.query('SELECT pg_catalog.pg_cancel_backend($1)', [processID]);
      await pause(200);
    }
    await other.end();
  } catch {
    // Without a second connection the first one is closed at least.
    client.connection.stream.destroy();
  }
}

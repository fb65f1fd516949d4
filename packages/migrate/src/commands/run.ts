import type { Client } from 'pg';

import { Callbacks } from '../callbacks/callbacks.ts';
import { explain } from '../execute/explain.ts';
import { createLog } from '../execute/log.ts';
import type { Log, LogListener } from '../execute/log.ts';
import { runStatement } from '../execute/non-transactional.ts';
import { parseScript } from '../execute/script.ts';
import { openSession, restoreSession } from '../execute/session.ts';
import type { Session } from '../execute/session.ts';
import { MessageFailure, Wire } from '../execute/wire.ts';
import { loadGrammar } from '../grammar.ts';
import { replacePlaceholders } from '../resolve/placeholders.ts';
import type { PlaceholderContext } from '../resolve/placeholders.ts';
import { resolveMigrations } from '../resolve/resolve.ts';
import type { Resolution } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';

/** What every command has: a connection whose state is known, the files, the callbacks. */
export interface Run {
  readonly session: Session;
  readonly wire: Wire;
  readonly log: Log;
  readonly settings: MigrateSettings;
  readonly context: PlaceholderContext;
  readonly resolution: Resolution;
  readonly callbacks: Callbacks;
}

/** Opens, runs the body of a command, and leaves the connection as it came. */
export async function withRun<T>(
  client: Client,
  settings: MigrateSettings,
  listener: LogListener | undefined,
  body: (run: Run) => Promise<T>,
): Promise<T> {
  await loadGrammar();
  const log = createLog(listener);
  const wire = new Wire(client, log);
  try {
    const before = await openSession(client, settings, log);
    if (settings.initSql === null) return await bodyOf(before);
    await runInitSql(before, wire, settings.initSql);
    return await bodyOf(await openSession(client, settings, log));
  } finally {
    wire.close();
  }

  async function bodyOf(session: Session): Promise<T> {
    const { schema, role: user, database } = session;
    const context = { schema, user, database, table: settings.table, now: new Date() };
    const resolution = await resolveMigrations(settings, context);
    for (const line of resolution.logs) emit(log, line);
    const callbacks = new Callbacks(session, wire, context, resolution.callbacks);
    try {
      await callbacks.run('afterConnect');
      return await body({ session, wire, log, settings, context, resolution, callbacks });
    } finally {
      // Where this fails the connection is gone, and the first error is the one to report.
      await restoreSession(session).catch(() => {});
    }
  }
}

async function runInitSql(session: Session, wire: Wire, sql: string): Promise<void> {
  const { settings, schema, role: user, database, serverVersion } = session;
  const file = { path: '', script: '' };
  const context = { schema, user, database, table: settings.table };
  const text = settings.placeholderReplacement ? replacePlaceholders(sql, file, settings, context) : sql;
  const script = parseScript({ ...file, text, executeInTransaction: false }, { serverVersion, mixed: true });
  try {
    for (const index of script.statements.keys()) await runStatement(session, wire, script, index);
  } catch (error) {
    throw error instanceof MessageFailure ? explain(error, { flywayCode: 'DB_CONNECTION' }) : error;
  }
}

function emit(log: Log, line: string): void {
  const [level = '', ...words] = line.split(' ');
  const message = words.join(' ');
  if (level === 'ERROR') log.error(message);
  else if (level.startsWith('WARN')) log.warn(message);
  else if (level === 'INFO') log.info(message);
  else log.debug(line);
}

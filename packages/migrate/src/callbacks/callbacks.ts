import { escapeLiteral } from 'pg';

import { MigrateError } from '../errors.ts';
import { explain } from '../execute/explain.ts';
import { MessageBuilder } from '../execute/message.ts';
import { runStatement } from '../execute/non-transactional.ts';
import { parseScript } from '../execute/script.ts';
import type { Script } from '../execute/script.ts';
import { settle } from '../execute/session.ts';
import type { Session } from '../execute/session.ts';
import type { Around, AroundScript } from '../execute/step.ts';
import { MessageFailure } from '../execute/wire.ts';
import type { Wire } from '../execute/wire.ts';
import { replacePlaceholders } from '../resolve/placeholders.ts';
import type { PlaceholderContext } from '../resolve/placeholders.ts';
import type { ResolvedCallback } from '../resolve/types.ts';

/** What error callbacks can read with `current_setting('migrate.error_message', true)` and so on. */
const ERROR_SETTINGS = ['message', 'code', 'sqlstate', 'file', 'line', 'statement'] as const;

/** The callbacks of one command: scripts that run at its events. */
export class Callbacks {
  #session: Session;
  #wire: Wire;
  #context: PlaceholderContext;
  #all: readonly ResolvedCallback[];
  #parsed = new Map<ResolvedCallback, Script>();

  constructor(session: Session, wire: Wire, context: PlaceholderContext, all: readonly ResolvedCallback[]) {
    this.#session = session;
    this.#wire = wire;
    this.#context = context;
    this.#all = all;
  }

  has(event: string): boolean {
    return this.#all.some((callback) => callback.event === event);
  }

  /**
   * Runs the scripts of an event in order, each in a transaction of its own with the schema in search_path.
   *
   * @throws MigrateError MIGRATION_CALLBACK_FAILED
   */
  async run(event: string): Promise<void> {
    for (const callback of this.#of(event)) await this.#runOne(callback, null);
  }

  /**
   * Runs the scripts of an error event, after the rollback. The error stays the one that is reported; what fails here is
   * noted in its `callbackErrors`.
   */
  async runError(event: string, error: unknown): Promise<void> {
    for (const callback of this.#of(event)) {
      try {
        await this.#runOne(callback, error);
      } catch (failure) {
        if (!(failure instanceof MigrateError)) throw failure;
        this.#session.log.error(failure.message);
        if (error instanceof MigrateError) error.callbackErrors.push(failure);
      }
    }
  }

  /** The scripts of an event, to be run as part of something else. */
  scripts(event: string): readonly AroundScript[] {
    return this.#of(event).map((callback) => this.#aroundScript(callback));
  }

  /** The scripts that run within a migration, for `Migrate` or `Undo`. */
  around(what: 'Migrate' | 'Undo'): Around {
    const scripts = (event: string) => this.scripts(event);
    return {
      before: scripts(`beforeEach${what}`),
      beforeStatement: scripts(`beforeEach${what}Statement`),
      afterStatement: scripts(`afterEach${what}Statement`),
      after: scripts(`afterEach${what}`),
    };
  }

  #of(event: string): readonly ResolvedCallback[] {
    return this.#all.filter((callback) => callback.event === event && callback.config.shouldExecute);
  }

  #aroundScript(callback: ResolvedCallback): AroundScript {
    return { script: this.#parse(callback), announcement: announcementOf(callback, true) };
  }

  #parse(callback: ResolvedCallback): Script {
    const known = this.#parsed.get(callback);
    if (known !== undefined) return known;
    const { settings, serverVersion } = this.#session;
    const { script, path, sql, config } = callback;
    const text = config.placeholderReplacement
      ? replacePlaceholders(sql, callback, settings, this.#context)
      : sql;
    const { executeInTransaction } = config;
    const parsed = parseScript(
      { script, path, text, executeInTransaction },
      { serverVersion, mixed: settings.mixed },
    );
    this.#parsed.set(callback, parsed);
    return parsed;
  }

  async #runOne(callback: ResolvedCallback, error: unknown): Promise<void> {
    try {
      const script = this.#parse(callback);
      this.#session.log.info(announcementOf(callback, script.transactional));
      if (script.transactional) await this.#inTransaction(script, error);
      else await this.#outside(script);
    } catch (failure) {
      throw failed(callback, failure);
    }
  }

  async #inTransaction(script: Script, error: unknown): Promise<void> {
    const builder = new MessageBuilder().frame('begin', 'BEGIN');
    builder.frame('setup', `SELECT ${[...settle(this.#session), ...errorSettings(error)].join(', ')}`);
    builder.script(script).frame('commit', 'COMMIT');
    try {
      for (const message of builder.build()) await this.#wire.send(message);
    } catch (failure) {
      await this.#wire.rollback();
      throw failure;
    }
  }

  async #outside(script: Script): Promise<void> {
    await this.#session.client.query(`SELECT ${settle(this.#session).join(', ')}`);
    for (const index of script.statements.keys())
      await runStatement(this.#session, this.#wire, script, index);
  }
}

/** As Flyway announces it. */
function announcementOf({ event, description }: ResolvedCallback, transactional: boolean): string {
  return `Executing SQL callback: ${event}${description === '' ? '' : ` - ${description}`}${transactional ? '' : ' [non-transactional]'}`;
}

function failed(callback: ResolvedCallback, failure: unknown): unknown {
  const cause = failure instanceof MessageFailure ? explain(failure) : failure;
  if (!(cause instanceof MigrateError)) return cause;
  return new MigrateError(
    'MIGRATION_CALLBACK_FAILED',
    `Error while executing ${callback.event} callback: ${cause.message}`,
    {
      flywayCode: 'ERROR',
      file: callback.script,
      line: cause.line,
      statement: cause.statement,
      sqlState: cause.sqlState,
      hint: cause.hint,
      cause,
    },
  );
}

function errorSettings(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const known = error instanceof MigrateError ? error : null;
  const values: Readonly<Record<(typeof ERROR_SETTINGS)[number], string>> = {
    message: error.message,
    code: known?.code ?? '',
    sqlstate: known?.sqlState ?? '',
    file: known?.file ?? '',
    line: known?.line === undefined ? '' : String(known.line),
    statement: known?.statement ?? '',
  };
  return ERROR_SETTINGS.map(
    (name) => `pg_catalog.set_config('migrate.error_${name}', ${escapeLiteral(values[name])}, true)`,
  );
}

import type pg from 'pg';
import type { LogListener } from '../execute/log.ts';
import type { MigrateSettings } from '../settings.ts';
import { exitCodes, UsageError } from './failure.ts';
import { logTo } from './log.ts';
import type { CommandName } from './options.ts';
import type { Outcome, Run } from './run.ts';

/** What runs for each command. Loaded when needed: help has no use for PostgreSQL's grammar. */
export const commands: Readonly<Record<CommandName, (run: Run) => Promise<Outcome>>> = {
  info: async (run) => (await import('./info.ts')).runInfo(run),
  validate: async (run) => (await import('./validate.ts')).runValidate(run),
  migrate: async (run) => logged(run, (await import('../commands/migrate.ts')).migrate),
  baseline: async (run) => logged(run, (await import('../commands/baseline.ts')).baseline),
  repair: async (run) => logged(run, (await import('../commands/repair.ts')).repair),
  undo: async (run) => logged(run, (await import('../commands/undo.ts')).undo),
  clean: async (run) => {
    refuseUnconfirmed(run);
    return logged(run, (await import('../commands/clean.ts')).clean);
  },
  lint: async (run) => (await import('./lint.ts')).runLint(run),
  drift: async (run) => (await import('./drift.ts')).runDrift(run),
};

type Command = (client: pg.Client, settings: MigrateSettings, events?: LogListener) => Promise<object>;

/** A command whose log is all that it shows. */
async function logged({ out, configuration, connection }: Run, command: Command): Promise<Outcome> {
  const document = await command(await connection(), configuration.settings, logTo(out));
  return { exitCode: exitCodes.ok, document: { ...document } };
}

/** A script that cleans says so in its configuration; a person at a terminal has to say it once more. */
function refuseUnconfirmed({ host, options, configuration }: Run): void {
  if (configuration.settings.cleanDisabled || options.yes || host.stdin?.isTTY !== true) return;
  const { schemas, defaultSchema } = configuration.settings;
  const names = [...new Set([...(defaultSchema === null ? [] : [defaultSchema]), ...schemas])];
  const what = names.length === 0 ? 'the current schema' : names.map((name) => `"${name}"`).join(', ');
  throw new UsageError(`clean would drop everything in ${what}.`, 'Add --yes if that is what you want.');
}

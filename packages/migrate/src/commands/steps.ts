import type { MigrateError } from '../errors.ts';
import type { Plan } from '../execute/apply.ts';
import type { Ending, StepApplied } from '../execute/ending.ts';
import { applyPlan } from '../execute/apply.ts';
import { explain } from '../execute/explain.ts';
import { describeInvalidIndexes, findInvalidIndexes } from '../execute/invalid-indexes.ts';
import { parseScript } from '../execute/script.ts';
import type { Script } from '../execute/script.ts';
import { quoted } from '../execute/session.ts';
import { isTransactional } from '../execute/step.ts';
import type { Around, Step } from '../execute/step.ts';
import { replacePlaceholders } from '../resolve/placeholders.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { Run } from './run.ts';

/** The script of a file, with values in place. */
export function scriptOf({ settings, session, context }: Run, file: ResolvedMigration): Script {
  const { script, path, sql, config } = file;
  const text = config.placeholderReplacement ? replacePlaceholders(sql, file, settings, context) : sql;
  const { executeInTransaction } = config;
  return parseScript(
    { script, path, text, executeInTransaction },
    { serverVersion: session.serverVersion, mixed: settings.mixed },
  );
}

/** What Flyway calls a migration in its log. */
export function labelOf(
  { session }: Run,
  { version, description }: { readonly version: string | null; readonly description: string },
  { outOfOrder, transactional }: { readonly outOfOrder: boolean; readonly transactional: boolean },
): string {
  const schema = quoted(session.schema);
  const ending = transactional ? '' : ' [non-transactional]';
  if (version === null) return `schema ${schema} with repeatable migration "${description}"${ending}`;
  const name = `${version}${description === '' ? '' : ` - ${description}`}`;
  return `schema ${schema} to version "${name}"${outOfOrder ? ' [out of order]' : ''}${ending}`;
}

/** A step that migrates. */
export function migrateStep(run: Run, file: ResolvedMigration, outOfOrder: boolean, around: Around): Step {
  const { version, description, type, script: name, checksum } = file;
  const script = run.settings.skipExecutingMigrations ? null : scriptOf(run, file);
  const label = labelOf(run, file, { outOfOrder, transactional: script?.transactional ?? true });
  return {
    row: { version, description, type, script: name, checksum },
    script,
    label,
    announcement: script === null ? null : `Migrating ${label}`,
    around,
  };
}

/** Runs a plan; what fails is explained, told to the error callbacks of its event, and thrown. */
export async function runPlan(
  run: Run,
  plan: Plan,
  lastRank: number | null,
  what: 'Migrate' | 'Undo',
  applied: StepApplied,
): Promise<Exclude<Ending['kind'], 'failed'>> {
  const { session, wire, settings, callbacks, log } = run;
  const ending = await applyPlan(session, wire, plan, lastRank, applied);
  if (ending.kind !== 'failed') return ending.kind;
  const { step, failure } = ending;
  const transactional = isTransactional(step);
  const remains = transactional
    ? 'Changes successfully rolled back.'
    : 'Please restore backups and roll back database and code!';
  log.error(`${what === 'Undo' ? 'Undo' : 'Migration'} of ${step.label} failed! ${remains}`);
  const found = explain(failure, { contained: settings.contained });
  const indexes = await indexHint(run, found, transactional);
  const error =
    indexes === undefined ? found : explain(failure, { contained: settings.contained, hint: indexes });
  await callbacks.runError(`afterEach${what}StatementError`, error);
  await callbacks.runError(`afterEach${what}Error`, error);
  throw error;
}

const DUPLICATE_RELATION = '42P07';

/** A concurrent build that failed leaves its index behind, and stands in the way of the next. */
async function indexHint(run: Run, error: MigrateError, transactional: boolean): Promise<string | undefined> {
  if (transactional && error.sqlState !== DUPLICATE_RELATION) return undefined;
  // Where the connection is gone, the first error is the one to report.
  const invalid = await findInvalidIndexes(run.session).catch(() => []);
  const text = describeInvalidIndexes(invalid);
  const begin = text ? 'Then run' : 'Run';
  const repair = `${begin} repair, which removes the failed row from the history, and migrate again.`;
  const known = [text, transactional ? undefined : repair, error.hint].filter((part) => part);
  return known.length === 0 ? undefined : known.join('\n');
}

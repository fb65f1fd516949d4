import type { Plan } from '../execute/apply.ts';
import { isTransactional } from '../execute/step.ts';
import type { Step } from '../execute/step.ts';
import type { MigrationInfo, MigrationInfoList } from '../info/list.ts';
import type { ResolvedMigration } from '../resolve/types.ts';
import type { MigrateSettings } from '../settings.ts';
import { compareVersions } from '../version.ts';
import type { Run } from './run.ts';
import { migrateStep } from './steps.ts';

/** What a run remembers when somebody else came between and it has to plan again. */
export interface RunState {
  readonly done: Set<ResolvedMigration>;
  /** Between the last version and the first repeatable, or at the end; never twice. */
  versionedFired: boolean;
  /** A script ran outside a transaction. */
  outside: boolean;
}

/** The pending migrations, made ready when their turn comes. */
export interface MigratePlan extends Plan {
  /** Notes that a step is done, and says of which migration it was made. */
  finished(step: Step): MigrationInfo | undefined;
}

/** Plans what is pending. */
export function planMigrate(run: Run, list: MigrationInfoList, state: RunState): MigratePlan {
  const { callbacks, settings } = run;
  const pending = wanted(list, settings, state);
  const around = callbacks.around('Migrate');
  const steps = new Map<number, Step>();
  const infos = new Map<Step, MigrationInfo>();
  const isOutOfOrder = orderFrom(list.current?.version ?? null);
  const repeatable = pending.findIndex(({ version }) => version === null);
  const pauses = callbacks.has('afterVersioned') || callbacks.has('beforeRepeatables');
  return {
    length: pending.length,
    pauseBefore: repeatable >= 0 && pauses && !state.versionedFired ? repeatable : null,
    async pause() {
      state.versionedFired = true;
      await callbacks.run('afterVersioned');
      await callbacks.run('beforeRepeatables');
    },
    pauseScripts() {
      state.versionedFired = true;
      return [...callbacks.scripts('afterVersioned'), ...callbacks.scripts('beforeRepeatables')];
    },
    at(index) {
      const known = steps.get(index);
      if (known !== undefined) return known;
      const info = pending[index];
      if (info?.resolved === undefined) throw new RangeError(`no pending migration ${index}`);
      const step = migrateStep(run, info.resolved, isOutOfOrder(info.version), around);
      steps.set(index, step);
      infos.set(step, info);
      return step;
    },
    finished(step) {
      const info = infos.get(step);
      if (info?.resolved !== undefined) state.done.add(info.resolved);
      if (!isTransactional(step)) state.outside = true;
      return info;
    },
  };
}

/** With the target `next` a run is one migration. */
function wanted(
  list: MigrationInfoList,
  { target }: MigrateSettings,
  { done }: RunState,
): readonly MigrationInfo[] {
  const pending = list.pending().filter(({ resolved }) => resolved !== undefined && !done.has(resolved));
  if (target.trim().toLowerCase() !== 'next') return pending;
  return done.size > 0 ? [] : pending.slice(0, 1);
}

/** Tells of each version in turn whether a higher one was applied before it. */
function orderFrom(current: string | null): (version: string | null) => boolean {
  let highest = current;
  return (version) => {
    if (version === null) return false;
    if (highest !== null && compareVersions(version, highest) < 0) return true;
    highest = version;
    return false;
  };
}

import type { AppliedMigration } from '../../src/history/types.ts';
import { describeMigrations } from '../../src/info/list.ts';
import type { MigrationInfoList } from '../../src/info/list.ts';
import { nameReader } from '../../src/resolve/names.ts';
import { migrationOrder } from '../../src/resolve/order.ts';
import { resolveMigrations } from '../../src/resolve/resolve.ts';
import type { Resolution, ResolvedMigration } from '../../src/resolve/types.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { directoryOf } from './files.ts';
import type { Files } from './files.ts';

export const context = { schema: 'shop', user: 'ada', database: 'app', table: 'flyway_schema_history' };

/** Resolves files of a directory of their own; locations are relative to it. */
export async function resolveFiles(
  files: Files,
  settings: Partial<MigrateSettings> = {},
): Promise<Resolution> {
  const home = await directoryOf(files);
  return resolveMigrations({ ...defaultSettings, workingDirectory: home, ...settings }, context);
}

const readName = nameReader(defaultSettings);

/** A file as it would be resolved, from its name alone; `!` behind the name: it is not to be executed. */
export function file(text: string, checksum = 1): ResolvedMigration {
  const script = text.replace(/!$/, '');
  const name = readName(script);
  if (!('description' in name) || name.kind === 'callback') throw new Error(`${script} is no migration`);
  const { kind, description } = name;
  return {
    kind,
    version: kind === 'repeatable' ? null : name.version,
    description,
    script,
    path: `/sql/${script}`,
    type: kind === 'baseline' ? 'SQL_BASELINE' : kind === 'undo' ? 'UNDO_SQL' : 'SQL',
    checksum,
    equivalentChecksum: checksum,
    sql: '',
    config: {
      executeInTransaction: true,
      encoding: 'UTF-8',
      placeholderReplacement: true,
      shouldExecute: script === text,
    },
  };
}

export function resolution(files: readonly (string | ResolvedMigration)[]): Resolution {
  const all = files.map((each) => (typeof each === 'string' ? file(each) : each)).toSorted(migrationOrder);
  return {
    migrations: all.filter(({ kind }) => kind !== 'undo'),
    undo: all.filter(({ kind }) => kind === 'undo'),
    callbacks: [],
    logs: [],
  };
}

/** A history: `type version description`, ranks from 1; `-` for no version, `!` behind it: it failed. */
export function history(...rows: readonly string[]): readonly AppliedMigration[] {
  return rows.map((text, i) => {
    const [type = '', version = '', ...words] = text.replace(/!$/, '').split(' ');
    return {
      installedRank: i + 1,
      version: version === '-' ? null : version,
      description: words.join(' '),
      type,
      script: `${words.join('_')}.sql`,
      checksum: ['SCHEMA', 'BASELINE'].includes(type) ? null : 1,
      installedBy: 'ada',
      installedOn: new Date(2024, 0, 31, 8, 5, i),
      executionTime: 10,
      success: !text.endsWith('!'),
    };
  });
}

export function describeAll(
  files: readonly (string | ResolvedMigration)[],
  applied: readonly AppliedMigration[] = [],
  settings: Partial<MigrateSettings> = {},
): MigrationInfoList {
  return describeMigrations({
    resolved: resolution(files),
    applied,
    settings: { ...defaultSettings, ...settings },
  });
}

/** Each line as `rank version description: STATE`; `·` for what has no rank or version. */
export function lines({ entries }: MigrationInfoList): readonly string[] {
  return entries.map(
    ({ rank, version, description, state }) => `${rank ?? '·'} ${version ?? '·'} ${description}: ${state}`,
  );
}

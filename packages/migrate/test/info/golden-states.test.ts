import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import type { AppliedMigration } from '../../src/history/types.ts';
import { describeMigrations } from '../../src/info/list.ts';
import { validateMigrations } from '../../src/info/validate.ts';
import { resolveMigrations } from '../../src/resolve/resolve.ts';
import { defaultSettings, type MigrateSettings } from '../../src/settings.ts';

/**
 * What the real engine answered to `info` and `validate`, asked of the pure functions: the files of each step and the rows
 * of its history go in, states, codes and sentences come out. No database.
 */
interface Step {
  readonly files?: Readonly<Record<string, string | null | { readonly base64: string }>>;
  readonly sql?: string | null;
  readonly cmd: string;
  readonly props: Readonly<Record<string, string>>;
  readonly result: {
    readonly exception?: string;
    readonly message?: string;
    readonly migrationsExecuted?: number;
    readonly current?: string | null;
    readonly migrations?: readonly Readonly<Record<string, unknown>>[];
    readonly ok?: boolean;
    readonly count?: number;
    readonly invalid?: readonly Readonly<Record<string, unknown>>[];
  };
  readonly history?: readonly {
    readonly installed_rank: number;
    readonly version: string | null;
    readonly description: string;
    readonly type: string;
    readonly script: string;
    readonly checksum: number | null;
    readonly installed_by: string;
    readonly success: boolean;
  }[];
}

/** Commands of which the scenario says by itself what was applied before and after. */
function isPlainMigrate({ cmd, sql, props, result }: Step): boolean {
  const own = ['baselineOnMigrate', 'createSchemas'].some((key) => key in props);
  return (
    cmd === 'migrate' && !sql && !own && props['target'] !== 'next' && result.migrationsExecuted !== undefined
  );
}

const directory = fileURLToPath(new URL('../golden/scenarios/', import.meta.url));
const scenarios = (await readdir(directory)).filter((name) => name.endsWith('.json'));

/** Where we go on and the real engine stops; each is a row of docs/migrate/differences.md. */
const different = new Set([
  // shouldExecute is evaluated here; there it belongs to a paid edition.
  '15-script-conf-shouldExecute-and-unknown.json',
  // UNDO_SQL rows are read here; there they end every command.
  '35-undo-rows-in-oss.json',
]);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'migrate-golden-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test.each(scenarios)('%s', async (name) => {
  const { steps } = JSON.parse(await readFile(join(directory, name), 'utf8')) as {
    readonly steps: readonly Step[];
  };
  const home = join(root, name);
  await mkdir(home, { recursive: true });
  for (const [index, step] of steps.entries()) {
    await apply(home, step.files ?? {});
    if (step.cmd !== 'info' && step.cmd !== 'validate') continue;
    const where = `${name}, step ${index + 1}, ${step.cmd}`;
    const settings = settingsOf(home, step.props);
    const context = { schema: 't1', user: 'postgres', database: 'postgres', table: settings.table };
    const answer = await resolveMigrations(settings, context)
      .then((resolved) => describeMigrations({ resolved, applied: rowsOf(step), settings }))
      .catch((error: unknown) => error);
    if (answer instanceof Error) {
      expect(answer, where).toBeInstanceOf(MigrateError);
      if (different.has(name)) continue;
      const expected = replaceRoot(step.result.message ?? '', home);
      // The open-source edition does not know undo files.
      expect(answer.message, where).toBe(
        expected.replace(/\r\nUnrecognised migration name format: U[^\r]*/, ''),
      );
      continue;
    }
    const list = answer as ReturnType<typeof describeMigrations>;
    if (step.result.exception !== undefined) {
      expect(different.has(name) || /SCHEMA_DOES_NOT_EXIST/.test(JSON.stringify(step.result)), where).toBe(
        true,
      );
      continue;
    }
    if (step.cmd === 'info') {
      expect(list.entries.map(shown), where).toEqual(step.result.migrations);
      // The record has the version of a current row without one as the word "null".
      expect(list.current && String(list.current.version), where).toBe(step.result.current);
    } else {
      const { ok, count, invalid } = validateMigrations(list, settings);
      const problems = invalid.map(({ version, description, code, message }) => ({
        version: version ?? '',
        description,
        code,
        message,
      }));
      expect({ ok, count, invalid: problems }, where).toEqual({
        ok: step.result.ok,
        count: step.result.count,
        invalid: step.result.invalid,
      });
    }
  }
});

test.each(scenarios)('%s: what a run applies is what was pending', async (name) => {
  const { steps } = JSON.parse(await readFile(join(directory, name), 'utf8')) as {
    readonly steps: readonly Step[];
  };
  const home = join(root, `${name} pending`);
  let before: readonly AppliedMigration[] = [];
  for (const step of steps) {
    await apply(home, step.files ?? {});
    const after = rowsOf(step);
    if (isPlainMigrate(step)) {
      const settings = settingsOf(home, step.props);
      const context = { schema: 't1', user: 'postgres', database: 'postgres', table: settings.table };
      const resolved = await resolveMigrations(settings, context);
      const pending = describeMigrations({ resolved, applied: before, settings }).pending();
      const added = after.slice(before.length).filter(({ type }) => type !== 'SCHEMA');
      expect(pending.map(({ script, type }) => [script, type])).toEqual(
        added.map(({ script, type }) => [script, type]),
      );
      expect(pending).toHaveLength(step.result.migrationsExecuted ?? -1);
    }
    if ('history' in step) before = after;
  }
});

function shown({
  version,
  description,
  type,
  state,
  display,
  rank,
  checksum,
  script,
}: ReturnType<typeof describeMigrations>['entries'][number]) {
  return {
    version,
    description,
    type,
    state,
    display,
    ...(rank === undefined ? {} : { rank }),
    ...(checksum === null ? {} : { checksum }),
    script,
  };
}

function rowsOf(step: Step): readonly AppliedMigration[] {
  return (step.history ?? []).map((row) => ({
    installedRank: row.installed_rank,
    version: row.version,
    description: row.description,
    type: row.type,
    script: row.script,
    checksum: row.checksum,
    installedBy: row.installed_by,
    installedOn: new Date(0),
    executionTime: 0,
    success: row.success,
  }));
}

function settingsOf(home: string, props: Readonly<Record<string, string>>): MigrateSettings {
  const settings: Record<string, unknown> = { ...defaultSettings, workingDirectory: home };
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith('placeholders.')) {
      settings['placeholders'] = { ...(settings['placeholders'] as object), [key.slice(13)]: value };
    } else if (Array.isArray(settings[key])) settings[key] = value === '' ? [] : value.split(',');
    else if (typeof settings[key] === 'boolean') settings[key] = value === 'true';
    else if (key in settings) settings[key] = value;
  }
  return settings as unknown as MigrateSettings;
}

async function apply(home: string, files: NonNullable<Step['files']>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(home, path);
    if (content === null) await rm(file, { force: true });
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'));
    }
  }
}

function replaceRoot(message: string, home: string): string {
  return message.replaceAll('<root>', home);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { applyToEmptySchema, loadMigrations } from '../src/index.ts';
import { asOwner, startCell } from './support/cell.ts';
import type { Cell } from './support/cell.ts';
import { directoryOf } from './support/files.ts';

const GOLDEN = join(import.meta.dirname, 'golden/scenarios');
/** Those whose first migrate is of a new schema, without settings that the fast path does not have. */
const SCENARIOS = [
  '16-placeholders-default.json',
  '19-copy-from-stdin.json',
  '23-naming.json',
  '24-naming-bad-version.json',
  '27-subdirs-script-column.json',
  '30-encoding-latin1.json',
  '31-invalid-utf8.json',
  '34-advisory-lock-key.json',
  '41-long-description.json',
];

interface Step {
  readonly files?: Readonly<Record<string, string | { readonly base64: string } | null>>;
  readonly cmd: string;
  readonly props?: Readonly<Record<string, string>>;
  readonly history?: readonly Row[] | null;
  readonly query?: string;
  readonly queryResult?: readonly Readonly<Record<string, unknown>>[];
}
interface Row {
  readonly type: string;
  readonly installed_by?: string;
}

/** The first migrate of a scenario, with the files that stand by then. */
function firstMigrate(name: string): { step: Step; files: Record<string, string | Buffer> } {
  const { steps } = JSON.parse(readFileSync(join(GOLDEN, name), 'utf8')) as { steps: readonly Step[] };
  const files: Record<string, string | Buffer> = {};
  for (const step of steps) {
    for (const [path, content] of Object.entries(step.files ?? {})) {
      if (content === null) delete files[path];
      else files[path] = typeof content === 'string' ? content : Buffer.from(content.base64, 'base64');
    }
    if (step.cmd === 'migrate') return { step, files };
  }
  throw new Error(`${name} has no migrate`);
}

let cell: Cell;
beforeAll(async () => {
  cell = await startCell();
});
afterAll(() => cell.stop());

/** Scenarios about info, refusal or another session; the others are applied here. */
const ELSEWHERE = ['24-', '31-', '34-'];

describe('scenarios that the real engine ran', () => {
  const names = SCENARIOS.filter((name) => !ELSEWHERE.some((prefix) => name.startsWith(prefix)));

  it.each(names)('%s', async (name) => {
    const { step, files } = firstMigrate(name);
    const directory = await directoryOf(files);
    const { locations = 'filesystem:sql', encoding, ...props } = step.props ?? {};
    const set = await loadMigrations({
      locations: locations.split(',').map((location) => join(directory, location.replace('filesystem:', ''))),
      encoding,
      validateMigrationNaming: false,
    });
    const tenant = await cell.newSchema();
    const placeholders = Object.fromEntries(
      Object.entries(props)
        .filter(([key]) => key.startsWith('placeholders.'))
        .map(([key, value]) => [key.slice('placeholders.'.length), value]),
    );
    await asOwner(cell.client, tenant, () =>
      applyToEmptySchema(cell.client, set, { schema: tenant.schema, placeholders, installedBy: 'postgres' }),
    );
    const history = await cell.superuser((client) =>
      client.query(
        `SELECT installed_rank, version, description, type, script, checksum, installed_by, success
         FROM ${tenant.schema}.flyway_schema_history ORDER BY 1`,
      ),
    );
    expect(history.rows).toEqual((step.history ?? []).filter(({ type }) => type !== 'SCHEMA'));
    if (step.query === undefined) return;
    const { rows } = await cell.superuser((client) =>
      client.query(step.query?.replaceAll('t1.', `${tenant.schema}.`) ?? ''),
    );
    const renamed = JSON.stringify(step.queryResult)
      .replaceAll('"t1"', `"${tenant.schema}"`)
      .replaceAll('"postgres"', `"${tenant.owner}"`);
    expect(rows).toEqual(JSON.parse(renamed));
  });
});

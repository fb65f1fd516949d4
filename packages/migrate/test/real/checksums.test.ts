import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { resolveMigrations } from '../../src/resolve/resolve.ts';
import { defaultSettings } from '../../src/settings.ts';
import { DATA, dataMissing, skipReason } from '../support/files.ts';

interface Row {
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
}

const known = join(DATA, 'known-checksums');
const dumps = existsSync(known) ? readdirSync(known) : [];

describe.skipIf(dataMissing)(`histories that other teams committed${skipReason}`, () => {
  it.each(dumps)('%s: every checksum, version and description is what its file gives', async (name) => {
    const { rows } = JSON.parse(readFileSync(join(known, name, 'history.json'), 'utf8')) as {
      readonly rows: readonly Row[];
    };
    const settings = {
      ...defaultSettings,
      locations: [`filesystem:${join(known, name, 'sql')}`],
      placeholders: { ohdsiSchema: 'webapi' },
    };
    const context = { schema: 'webapi', user: 'webapi', database: 'webapi', table: settings.table };
    const { migrations } = await resolveMigrations(settings, context);
    const told = ({ version, description, script, checksum }: Row) => ({
      version,
      description,
      script,
      checksum,
    });
    const ours = new Map(migrations.map((migration) => [migration.script, told(migration)]));
    const ofFiles = rows.filter(({ type }) => type === 'SQL');
    expect(ofFiles.map(({ script }) => ours.get(script))).toEqual(ofFiles.map(told));
    expect(ofFiles.length).toBe(migrations.length);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { advisoryKey, checksum, checksumFor, loadMigrations } from '../src/index.ts';
import { DATA, dataMissing, setOf, skipReason } from './support/files.ts';

const textLine = fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll(/[\r\n]/g, ''));

describe('checksum', () => {
  it('is that of Flyway for a known text', () => {
    expect(checksum(Buffer.from('create table a(id int);\n'))).toBe(-1_193_849_269);
    expect(checksum(Buffer.alloc(0))).toBe(0);
  });

  it('does not depend on line ends or a byte order mark', () => {
    fc.assert(
      fc.property(fc.array(textLine), (text) => {
        const unix = checksum(Buffer.from(text.join('\n')));
        expect(checksum(Buffer.from(text.join('\r\n')))).toBe(unix);
        expect(checksum(Buffer.from(text.join('\r')))).toBe(unix);
        const first = text[0] ?? '';
        if (!first.startsWith('\uFEFF')) expect(checksum(Buffer.from(`\uFEFF${text.join('\n')}`))).toBe(unix);
      }),
    );
  });

  it('hashes other encodings as UTF-8', () => {
    expect(checksum(Buffer.from('h\xe9', 'latin1'), 'ISO-8859-1')).toBe(checksum(Buffer.from('hé')));
    expect(() => checksum(Buffer.from('h\xe9', 'latin1'))).toThrow(TypeError);
  });

  it('of a repeatable is that of the text with values in place, of a versioned that of the raw text', async () => {
    const set = await setOf({ 'V1__a.sql': 'select 1;', 'R__b.sql': '${x}' });
    const [versioned, repeatable] = set.migrations;
    expect(versioned && checksumFor(versioned, 'other')).toBe(checksum(Buffer.from('select 1;')));
    expect(repeatable && checksumFor(repeatable, 'y')).toBe(checksum(Buffer.from('y')));
  });

  it.skipIf(dataMissing)(`reproduces a real history dump${skipReason}`, async () => {
    const directory = join(DATA, 'known-checksums/ohdsi-atlasdb');
    const { rows } = JSON.parse(readFileSync(join(directory, 'history.json'), 'utf8')) as {
      rows: readonly Row[];
    };
    const set = await loadMigrations({ locations: [join(directory, 'sql')], validateMigrationNaming: false });
    const ours = new Map(set.migrations.map((m) => [m.script, m.checksum]));
    const known = rows.filter(({ checksum: sum, script }) => sum !== null && ours.has(script));
    expect(known.length).toBeGreaterThan(30);
    for (const row of known) expect([row.script, ours.get(row.script)]).toEqual([row.script, row.checksum]);
  });
});

interface Row {
  readonly script: string;
  readonly checksum: number | null;
}

describe('advisory lock', () => {
  it('has the key that Flyway was seen to take', () => {
    expect(advisoryKey('t1', 'flyway_schema_history')).toBe(77_430_107_090_841n);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeScript, detectEncoding } from '../../src/resolve/encoding.ts';
import { refusal } from '../support/files.ts';
import { resolveFiles } from '../support/resolved.ts';

const file = { script: 'deep/V1__a.sql', path: '/sql/deep/V1__a.sql' };

describe('an encoding', () => {
  it.each([
    ['UTF-8', Buffer.from('größe')],
    ['utf8', Buffer.from('\uFEFFgröße')],
    ['ISO-8859-1', Buffer.from('größe', 'latin1')],
    ['ISO8859_1', Buffer.from('größe', 'latin1')],
    ['windows-1252', Buffer.from('größe', 'latin1')],
    ['UTF-16LE', Buffer.from('größe', 'utf16le')],
    ['UTF-16BE', Buffer.from('größe', 'utf16le').swap16()],
    ['UTF-16', Buffer.from('größe', 'utf16le').swap16()],
    ['UTF-16', Buffer.from('\uFEFFgröße', 'utf16le')],
    ['UTF-16', Buffer.from('\uFEFFgröße', 'utf16le').swap16()],
  ])('%s', (encoding, bytes) => {
    expect(decodeScript(bytes, encoding, file)).toBe('größe');
  });

  it('that does not fit is told in words that Flyway uses, by the base name', () => {
    const decode = () => decodeScript(Buffer.from('gr\xf6\xdfe', 'latin1'), 'UTF-8', file);
    expect(decode).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_ENCODING',
        file: 'deep/V1__a.sql',
        message: expect.stringMatching(/^Unable to calculate checksum of V1__a\.sql\n/) as string,
      }),
    );
  });

  it('that nobody knows is named', () => {
    expect(() => decodeScript(Buffer.from(''), 'klingon', file)).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_ENCODING',
        hint: '"klingon" is no encoding that is known here.',
      }),
    );
  });

  it('a NUL is refused with its line', () => {
    expect(() => decodeScript(Buffer.from('select 1;\n\0'), 'UTF-8', file)).toThrow(
      expect.objectContaining({ code: 'MIGRATION_ENCODING', line: 2 }),
    );
  });
});

describe('detectEncoding', () => {
  it('finds UTF-8 in any text that is written so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const written = text.replaceAll('\0', '');
        const bytes = Buffer.from(written);
        fc.pre(bytes.length > 0);
        expect(decodeScript(bytes, detectEncoding(bytes), file)).toBe(written.replace(/^\uFEFF/, ''));
      }),
    );
  });

  it('finds UTF-16 by its mark, or in plain SQL without one', () => {
    const sql = "create table a (name text default 'ß')";
    const le = Buffer.from(sql, 'utf16le');
    expect(decodeScript(le, detectEncoding(le), file)).toBe(sql);
    const be = Buffer.from(`\uFEFF${sql}`, 'utf16le').swap16();
    expect(detectEncoding(be)).toBe('utf-16be');
  });

  it('takes anything else for Latin-1, and is overruled by the script itself', async () => {
    const bytes = Buffer.from("select '\x80é'", 'latin1');
    const { migrations } = await resolveFiles(
      { 'sql/V1__a.sql': bytes, 'sql/V2__b.sql': bytes, 'sql/V2__b.sql.conf': 'encoding=windows-1252' },
      { detectEncoding: true, encoding: 'windows-1252' },
    );
    expect(migrations.map(({ sql, config }) => [sql, config.encoding])).toEqual([
      ["select '\x80é'", 'ISO-8859-1'],
      ["select '€é'", 'windows-1252'],
    ]);
  });
});

it('a file that is not what the settings say ends every command', async () => {
  const error = await refusal(resolveFiles({ 'sql/V1__a.sql': Buffer.from([0xe9]) }));
  expect(error).toMatchObject({ code: 'MIGRATION_ENCODING', flywayCode: 'ERROR' });
});

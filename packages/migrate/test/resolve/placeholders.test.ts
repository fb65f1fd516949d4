import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MigrateError } from '../../src/errors.ts';
import { replacePlaceholders } from '../../src/resolve/placeholders.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { MigrateSettings } from '../../src/settings.ts';
import { context, resolveFiles } from '../support/resolved.ts';

const file = { script: 'deep/V1__a.sql', path: '/sql/deep/V1__a.sql' };

function replace(text: string, settings: Partial<MigrateSettings> = {}) {
  const now = new Date(2024, 0, 31, 8, 5, 9);
  const all = { ...defaultSettings, workingDirectory: '/work dir', ...settings };
  return replacePlaceholders(text, file, all, { ...context, now });
}

describe('placeholders', () => {
  it.each([
    ['defaultSchema', 'shop'],
    ['user', 'ada'],
    ['database', 'app'],
    ['table', 'flyway_schema_history'],
    ['timestamp', '2024-01-31 08:05:09'],
    ['filename', 'V1__a.sql'],
    ['workingDirectory', '/work dir'],
    ['environment', 'default'],
  ])('flyway:%s', (name, value) => {
    expect(replace(`\${flyway:${name}} \${FLYWAY:${name.toUpperCase()}}`)).toBe(`${value} ${value}`);
  });

  it('stand anywhere, and what is put in is not searched again', () => {
    const placeholders = { a: '${b}', B: '$&' };
    expect(replace("-- ${A}\nselect '${b}', $$ ${a} $$", { placeholders })).toBe(
      "-- ${b}\nselect '$&', $$ ${b} $$",
    );
  });

  it('can be written otherwise', () => {
    const settings = {
      placeholderPrefix: '@@',
      placeholderSuffix: '@@',
      placeholderSeparator: '.',
      placeholders: { k: 'val' },
    };
    expect(replace('@@flyway.defaultSchema@@ ${x} @@K@@', settings)).toBe('shop ${x} val');
  });

  it('one that nothing closes is text', () => {
    expect(replace("select '${open'")).toBe("select '${open'");
  });

  it('a missing one is told as Flyway does, with its line', () => {
    expect(() => replace('select 1;\nselect ${Nope}')).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_PLACEHOLDER_MISSING',
        line: 2,
        message:
          'Unable to parse statement in /sql/deep/V1__a.sql at line 1 col 1. See https://rd.gt/3ipi7Pm for more information. No value provided for placeholder: ${Nope}.  Check your configuration!',
      }),
    );
  });

  it('a text without them stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('${'));
        expect(replace(text)).toBe(text);
      }),
    );
  });

  it('every one is replaced by its value or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom('${a}', '${A}', '${b}', '${', '}', '$', 'x'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const known = [...text.matchAll(/\$\{(.*?)\}/gs)].every(([, key]) => key?.toLowerCase() === 'a');
        try {
          expect(replace(text, { placeholders: { a: 'A' } })).toBe(text.replaceAll(/\$\{a\}/gi, 'A'));
          expect(known).toBe(true);
        } catch (error) {
          if (!(error instanceof MigrateError)) throw error;
          expect(known).toBe(false);
        }
      }),
    );
  });
});

describe('the checksum of a repeatable', () => {
  const files = { 'sql/R__v.sql': 'select ${flyway:filename}', 'sql/R__w.sql': 'select R__w.sql' };

  it('is of the text with its values', async () => {
    const { migrations } = await resolveFiles({ ...files, 'sql/V1__v.sql': 'select R__v.sql' });
    const [versioned, first] = migrations;
    expect(first?.checksum).toBe(versioned?.checksum);
    expect(first?.equivalentChecksum).not.toBe(first?.checksum);
  });

  it('is of the raw text where placeholders are off, for all or for it', async () => {
    const off = await resolveFiles(files, { placeholderReplacement: false });
    expect(off.migrations[0]?.checksum).toBe(off.migrations[0]?.equivalentChecksum);
    const alone = await resolveFiles({ ...files, 'sql/R__v.sql.conf': 'placeholderReplacement=false' });
    expect(alone.migrations[0]?.checksum).toBe(off.migrations[0]?.checksum);
  });
});

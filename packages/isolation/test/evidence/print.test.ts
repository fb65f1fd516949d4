import { describe, expect, test } from 'vitest';
import { buildReport, renderForms, sealReport } from '../../src/evidence/index.ts';
import { breakable } from '../../src/evidence/pdf/block.ts';
import { hasGlyph } from '../../src/evidence/pdf/fonts.ts';
import { missingGlyph, runsOf } from '../../src/evidence/pdf/text.ts';
import { key, sampleInput } from './sample.ts';

describe('text of a print', () => {
  const shown = (text: string) =>
    runsOf(text, 'Text')
      .map((run) => run.text)
      .join('');

  test.each(['Ελληνική Εταιρεία', 'ООО «Северный ветер»', 'Ďábelská Šťáva', 'Acme GmbH & Co. KG'])(
    'stays as it is: %s',
    (text) => {
      expect(shown(text)).toBe(text);
      expect(runsOf(text, 'Text').map(({ font }) => font)).toEqual(['Text']);
    },
  );

  test('that is read from right to left has its words in the order in which they are seen', () => {
    expect(shown('חברת הדוגמה')).toBe('הדוגמה חברת');
    expect(shown('Acme חברת הדוגמה Ltd')).toBe('Acme הדוגמה חברת Ltd');
    for (const character of 'شركة المثال חברת')
      expect(hasGlyph('Other', character) || character === ' ').toBe(true);
  });

  test('with characters that no font has shows that something stands there', () => {
    expect(shown('株式 X')).toBe(`${missingGlyph}${missingGlyph} X`);
  });

  test('is broken where a word is longer than its column', () => {
    expect(breakable('a '.repeat(3) + 'x'.repeat(7), 3)).toBe('a a a xxx\nxxx\nx');
    expect(breakable('session-authorization', 12)).toBe('session-\nauthorizatio\nn');
    expect(breakable('😀😀😀😀', 2)).toBe('😀😀\n😀😀');
  });
});

test('a print is a PDF with embedded fonts, the same for the same report, made beside the event loop', async () => {
  const signed = sealReport(buildReport(sampleInput(3)), key);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 20);
  const [one, two] = [await renderForms(signed), await renderForms(signed)];
  clearInterval(ticking);
  expect(Buffer.from(one.pdf).equals(Buffer.from(two.pdf))).toBe(true);
  const text = Buffer.from(one.pdf).toString('latin1');
  expect(text.startsWith('%PDF-')).toBe(true);
  expect(text).toMatch(/FontFile2/);
  expect(text).not.toMatch(/\/JavaScript|\/Launch|\/URI/);
  expect(turns).toBeGreaterThan(10);
}, 120_000);

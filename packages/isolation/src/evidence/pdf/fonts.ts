import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TFontDictionary } from 'pdfmake/interfaces.js';

const require = createRequire(import.meta.url);
const roboto = join(dirname(require.resolve('pdfmake/package.json')), 'fonts/Roboto');
const dejavu = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/**
 * Fonts that are embedded, so that a print looks the same everywhere: Roboto (Apache 2.0) for text; DejaVu (Bitstream Vera license, free
 * to embed) for what has a fixed width and for scripts that Roboto does not know, Arabic and Hebrew among them.
 */
export const fonts: TFontDictionary = {
  Text: {
    normal: join(roboto, 'Roboto-Regular.ttf'),
    bold: join(roboto, 'Roboto-Medium.ttf'),
    italics: join(roboto, 'Roboto-Italic.ttf'),
    bolditalics: join(roboto, 'Roboto-MediumItalic.ttf'),
  },
  Mono: {
    normal: join(dejavu, 'DejaVuSansMono.ttf'),
    bold: join(dejavu, 'DejaVuSansMono-Bold.ttf'),
    italics: join(dejavu, 'DejaVuSansMono.ttf'),
    bolditalics: join(dejavu, 'DejaVuSansMono-Bold.ttf'),
  },
  Other: {
    normal: join(dejavu, 'DejaVuSans.ttf'),
    bold: join(dejavu, 'DejaVuSans-Bold.ttf'),
    italics: join(dejavu, 'DejaVuSans.ttf'),
    bolditalics: join(dejavu, 'DejaVuSans-Bold.ttf'),
  },
};

export type FontName = 'Text' | 'Mono' | 'Other';

/** Files that the print reads; it reads no other. */
export const fontFiles: ReadonlySet<string> = new Set(
  Object.values(fonts).flatMap((font) => Object.values(font) as string[]),
);

/** True where a font has a glyph for a character. */
export function hasGlyph(font: FontName, character: string): boolean {
  return coverageOf(font).has(character.codePointAt(0)!);
}

const coverage = new Map<FontName, ReadonlySet<number>>();

function coverageOf(font: FontName): ReadonlySet<number> {
  const known = coverage.get(font);
  if (known !== undefined) return known;
  const set = charactersOf(readFileSync((fonts[font] as { normal: string }).normal));
  coverage.set(font, set);
  return set;
}

/** The characters of a TrueType font, of its `cmap` table in format 4: the first 65,536 of Unicode. */
export function charactersOf(file: Buffer): ReadonlySet<number> {
  const tables = file.readUInt16BE(4);
  const records = Array.from({ length: tables }, (_, at) => 12 + at * 16);
  const cmap = file.readUInt32BE(records.find((at) => file.toString('latin1', at, at + 4) === 'cmap')! + 8);
  const found = new Set<number>();
  for (let at = 0; at < file.readUInt16BE(cmap + 2); at += 1) {
    const table = cmap + file.readUInt32BE(cmap + 4 + at * 8 + 4);
    if (file.readUInt16BE(table) === 4) addFormat4(file, table, found);
  }
  return found;
}

function addFormat4(file: Buffer, table: number, found: Set<number>): void {
  const size = file.readUInt16BE(table + 6);
  const [ends, starts] = [table + 14, table + 16 + size];
  for (let at = 0; at < size; at += 2) {
    const [start, end] = [file.readUInt16BE(starts + at), file.readUInt16BE(ends + at)];
    for (let code = start; code <= end && code !== 0xffff; code += 1) found.add(code);
  }
}

import bidiFactory from 'bidi-js';
import { hasGlyph, type FontName } from './fonts.ts';

// Its types are of a module, and what Node loads is the function itself.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();

/** A part of a line in one font. */
export interface Run {
  readonly text: string;
  readonly font: FontName;
}

/** Stands for a character that no font of the print has; the JSON and the page have it. */
export const missingGlyph = '\u25a1';

/**
 * A text as runs that can be drawn from left to right: with a font that has the glyphs, and with what is read from right to left in the order
 * in which it is seen. Letters of Arabic join as they do because a word stays one run; the font turns the letters of such a word around by itself.
 */
export function runsOf(text: string, font: 'Text' | 'Mono'): readonly Run[] {
  return text
    .split('\n')
    .flatMap((line, at) => (at === 0 ? [] : [{ text: '\n', font }]).concat(lineRuns(line, font) as []));
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

function lineRuns(line: string, font: 'Text' | 'Mono'): readonly Run[] {
  return rightToLeft.test(line) ? visualRuns(line, font) : fontRuns(line, font);
}

/** Consecutive characters of one font together. */
function fontRuns(text: string, font: 'Text' | 'Mono'): readonly Run[] {
  const runs: { text: string; font: FontName }[] = [];
  for (const character of text) {
    const [shown, used] = glyphOf(character, font);
    const last = runs.at(-1);
    if (last !== undefined && last.font === used) last.text += shown;
    else runs.push({ text: shown, font: used });
  }
  return runs;
}

function glyphOf(character: string, font: 'Text' | 'Mono'): readonly [string, FontName] {
  if (hasGlyph(font, character)) return [character, font];
  if (hasGlyph('Other', character)) return [character, 'Other'];
  // What changes the character before it and has no width of its own.
  if (/\p{M}|\p{Cf}/u.test(character)) return ['', font];
  return [missingGlyph, 'Other'];
}

/** Words of a line in the order in which they are seen, those from right to left each in one piece. */
function visualRuns(line: string, font: 'Text' | 'Mono'): readonly Run[] {
  const { levels, paragraphs } = bidi.getEmbeddingLevels(line, 'auto');
  const base = paragraphs[0]?.level ?? 0;
  const words = wordsOf(line, levels);
  const top = Math.max(base, ...words.map(({ level }) => level));
  // Rule L2 of the Unicode bidirectional algorithm, over words instead of characters.
  for (let level = top; level > 0; level -= 1) {
    for (let from = 0; from < words.length; from += 1) {
      if (words[from]!.level < level) continue;
      let to = from;
      while (to < words.length && words[to]!.level >= level) to += 1;
      words.splice(from, to - from, ...words.slice(from, to).toReversed());
      from = to;
    }
  }
  return words.flatMap(({ text, level }) =>
    level % 2 === 1 && rightToLeft.test(text)
      ? [{ text: drawable(text), font: 'Other' } as const]
      : fontRuns(text, font),
  );
}

function drawable(text: string): string {
  return Array.from(text, (character) => glyphOf(character, 'Text')[0]).join('');
}

function wordsOf(line: string, levels: Uint8Array): { text: string; level: number }[] {
  const words: { text: string; level: number }[] = [];
  let isSpace = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    const space = character === ' ';
    const last = words.at(-1);
    if (last !== undefined && last.level === levels[at]! && space === isSpace) last.text += character;
    else words.push({ text: character, level: levels[at]! });
    isSpace = space;
  }
  return words;
}

import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

// East Asian wide and fullwidth blocks; terminals give these two columns.
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const emoji = /^\p{Emoji_Presentation}|\ufe0f/u;
const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

function graphemeWidth(grapheme: string): number {
  if (zero.test(grapheme)) return 0;
  return wide.test(grapheme) || emoji.test(grapheme) || /^[\u{20000}-\u{3fffd}]/u.test(grapheme) ? 2 : 1;
}

/** The columns that a text takes on a terminal. Colours take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text)))
    width += graphemeWidth(segment);
  return width;
}

/** A plain text in at most `width` columns; what was cut shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let result = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = graphemeWidth(segment);
    if (used + next > width - 1) break;
    result += segment;
    used += next;
  }
  return `${result}…`;
}

// C0, DEL and C1 but for the line feed, and what turns the direction of writing.
const drivers = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text that cannot drive the terminal: names and messages come from other people, and an escape sequence in one could
 * hide a line or rewrite the title. Such characters become U+FFFD, white space one space; with `lines`, line breaks stay.
 */
export function printable(text: string, lines = false): string {
  if (lines)
    return text
      .split(/\r?\n/)
      .map((line) => line.replaceAll('\t', '  ').replace(drivers, '\ufffd'))
      .join('\n');
  return text.replace(/\s+/g, ' ').replace(drivers, '\ufffd');
}

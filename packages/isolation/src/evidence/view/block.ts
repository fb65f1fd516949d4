/** Colour of a meaning. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'plain';

/** A text in a cell or a line. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  /** Ids, hashes, SQLSTATEs, statements. */
  readonly mono?: boolean;
  readonly bold?: boolean;
  /** Where it leads to in the document. */
  readonly to?: string;
}

export type Cell = string | Span;

export interface Column {
  readonly title: string;
  /** Share of the width; `auto` takes what its longest cell needs. */
  readonly width: number | 'auto';
  readonly align?: 'left' | 'right' | 'center';
}

/** A part of a document, the same for every form of it. */
export type Block =
  | {
      readonly kind: 'heading';
      readonly level: 1 | 2 | 3;
      readonly text: string;
      readonly id?: string;
      readonly newPage?: boolean;
    }
  | { readonly kind: 'text'; readonly text: string; readonly quiet?: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: Cell])[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
      /** Small print: for long lists. */
      readonly dense?: boolean;
    }
  | {
      readonly kind: 'verdict';
      readonly tone: Tone;
      readonly word: string;
      readonly headline: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'note'; readonly tone: Tone; readonly title: string; readonly lines: readonly string[] }
  | {
      readonly kind: 'tiles';
      readonly tiles: readonly { readonly value: string; readonly label: string; readonly tone: Tone }[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'contents';
      readonly entries: readonly { readonly id: string; readonly text: string }[];
    };

export const heading = (level: 1 | 2 | 3, text: string, id?: string, newPage = false): Block => ({
  kind: 'heading',
  level,
  text,
  newPage,
  ...(id === undefined ? {} : { id }),
});

export const paragraph = (text: string, quiet = false): Block => ({ kind: 'text', text, quiet });

export const mono = (text: string, tone: Tone = 'plain'): Span => ({ text, mono: true, tone });

export const toned = (text: string, tone: Tone): Span => ({ text, tone, bold: true });

/** `1,000`. */
export const count = (n: number): string => n.toLocaleString('en');

/** `2 tenants`, `1 tenant`. */
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `2026-03-01 10:00:08 UTC`. */
export const moment = (iso: string | null): string =>
  iso === null ? '–' : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

export const day = (iso: string | null): string => (iso === null ? '–' : iso.slice(0, 10));

/** `4 min`, `1 h 5 min`, `3 d 2 h`. */
export function span(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

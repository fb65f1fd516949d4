import type { Content, ContentTable, TableCell } from 'pdfmake/interfaces.js';
import type { Block, Cell, Column, Tone } from '../view/block.ts';
import { runsOf } from './text.ts';

/** Width of what is printed, in points: A4 less its margins. */
export const printWidth = 595.28 - 2 * 42;

export const colours: Readonly<Record<Tone | 'accent' | 'line' | 'wash', string>> = {
  plain: '#1b2430',
  quiet: '#5a6675',
  good: '#17693a',
  bad: '#a61b1b',
  warn: '#8a5200',
  accent: '#1f4e79',
  line: '#d9dfe6',
  wash: '#f5f7f9',
};

const washes: Readonly<Record<Tone, string>> = {
  plain: '#f5f7f9',
  quiet: '#f5f7f9',
  good: '#f1f8f3',
  bad: '#fcf2f1',
  warn: '#fdf7ec',
};

/** A block as pdfmake takes it; a heading with its number, and on a new page where it is told to be. */
export function blockPdf(block: Block, at: number, isBroken: boolean): Content {
  switch (block.kind) {
    case 'heading':
      return {
        text: inline(block.text),
        headlineLevel: at,
        style: `heading${block.level}`,
        ...(block.id === undefined ? {} : { id: block.id }),
        ...(block.newPage === true || isBroken ? { pageBreak: 'before' as const } : {}),
      };
    case 'text':
      return { text: inline(block.text), style: block.quiet === true ? 'small' : 'body' };
    case 'list':
      return listPdf(block.items);
    case 'facts':
      return factsPdf(block.rows);
    case 'table':
      return tablePdf(block);
    case 'verdict':
      return boxPdf(block.tone, [
        {
          text: block.word.toUpperCase(),
          bold: true,
          fontSize: 8,
          characterSpacing: 0.8,
          color: colours[block.tone],
        },
        { text: inline(block.headline), bold: true, fontSize: 13, margin: [0, 2, 0, 4] },
        listPdf(block.lines),
      ]);
    case 'note':
      return boxPdf(block.tone, [
        { text: inline(block.title), bold: true },
        ...(block.lines.length === 0 ? [] : [listPdf(block.lines)]),
      ]);
    case 'tiles':
      return tilesPdf(block.tiles);
    case 'code':
      return {
        table: {
          widths: ['*'],
          body: [
            [
              {
                text: runsOf(block.text, 'Mono').map(({ text, font }) => ({ text, font })),
                fontSize: 7,
                preserveLeadingSpaces: true,
              },
            ],
          ],
          dontBreakRows: true,
        },
        layout: 'code',
        margin: [0, 4, 0, 8],
      };
    case 'contents':
      return {
        stack: block.entries.map(({ id, text }) => ({
          columns: [
            { text, linkToDestination: id, width: '*' as const },
            { text: [{ pageReference: id }], alignment: 'right' as const, width: 30 },
          ],
          margin: [0, 1, 0, 1] as [number, number, number, number],
        })),
        margin: [0, 10, 0, 0],
      };
  }
}

function inline(text: string): { text: string; font: string }[] {
  return runsOf(text, 'Text').map(({ text: part, font }) => ({ text: part, font }));
}

function listPdf(items: readonly string[]): Content {
  return {
    ul: items.map((item) => ({
      text: inline(item),
      margin: [0, 0.5, 0, 0.5] as [number, number, number, number],
    })),
    margin: [0, 2, 0, 6],
    markerColor: colours.quiet,
  };
}

function factsPdf(rows: Extract<Block, { kind: 'facts' }>['rows']): Content {
  return {
    table: {
      widths: [112, '*'],
      dontBreakRows: true,
      body: rows.map(([label, value]) => [
        { text: label, color: colours.quiet },
        cellPdf(value, 9, printWidth - 116),
      ]),
    },
    layout: 'facts',
    unbreakable: true,
    margin: [0, 4, 0, 8],
  };
}

function boxPdf(tone: Tone, stack: Content[]): Content {
  return {
    table: {
      widths: [3, '*'],
      dontBreakRows: true,
      body: [
        [
          { text: '', fillColor: tone === 'warn' ? '#c77700' : colours[tone] },
          { stack, fillColor: washes[tone] },
        ],
      ],
    },
    layout: 'box',
    margin: [0, 8, 0, 8],
  };
}

function tilesPdf(tiles: Extract<Block, { kind: 'tiles' }>['tiles']): Content {
  return {
    table: {
      widths: tiles.map(() => '*'),
      dontBreakRows: true,
      body: [
        tiles.map(({ value, label, tone }) => ({
          stack: [
            {
              text: value,
              fontSize: tileSize(tiles.map((tile) => tile.value)),
              bold: true,
              color: colours[tone],
            },
            { text: label, fontSize: 7.5, color: colours.quiet },
          ],
        })),
      ],
    },
    layout: 'tiles',
    margin: [0, 4, 0, 8],
  };
}

/** All in one size, in which the longest fits. */
function tileSize(values: readonly string[]): number {
  const room = printWidth / values.length - 18;
  const longest = Math.max(...values.map((value) => value.length));
  return Math.min(15, Math.floor(room / (longest * 0.58)));
}

function tablePdf({ columns, rows, dense = false }: Extract<Block, { kind: 'table' }>): ContentTable {
  const size = dense ? 7 : 8;
  const widths = widthsOf(columns, rows, size);
  const head = columns.map(({ title, align = 'left' }): TableCell => ({
    text: title,
    bold: true,
    fontSize: dense ? size - 0.4 : size,
    alignment: align,
    fillColor: colours.wash,
  }));
  return {
    table: {
      headerRows: 1,
      // A heading of a table at the foot of a page, with its rows on the next, is what this prevents.
      keepWithHeaderRows: 2,
      dontBreakRows: true,
      widths: [...widths],
      body: [
        head,
        ...rows.map((row) =>
          row.map((cell, at): TableCell => ({
            ...cellPdf(cell, size, widths[at]!),
            alignment: columns[at]!.align ?? 'left',
          })),
        ),
      ],
    },
    layout: dense ? 'dense' : 'rows',
    margin: [0, 4, 0, 10],
  };
}

const padding = 8;

/** Points for each column: what `auto` needs by its longest line, the rest by shares. */
function widthsOf(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  size: number,
): readonly number[] {
  const room = printWidth - columns.length * padding;
  const needed = columns.map(({ title, width }, at) => {
    if (width !== 'auto') return 0;
    const lines = [title, ...rows.flatMap((row) => textOf(row[at]!).split('\n'))];
    const isMono = rows.some((row) => typeof row[at] === 'object' && row[at].mono === true);
    const longest = lines.reduce((most, { length }) => Math.max(most, length), 0);
    // What is in bold is wider; the title is.
    return Math.min(
      Math.max(longest, title.length + 1) * (isMono ? (size - 1) * 0.605 : size * 0.6) + 3,
      room / 3,
    );
  });
  const left = room - needed.reduce((sum, each) => sum + each, 0);
  const shares = columns.reduce((sum, { width }) => sum + (width === 'auto' ? 0 : width), 0);
  return columns.map(({ width }, at) => (width === 'auto' ? needed[at]! : (left * width) / shares));
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function cellPdf(cell: Cell, size: number, width: number) {
  const {
    text,
    tone = 'plain',
    mono = false,
    bold = false,
  } = typeof cell === 'string' ? { text: cell } : cell;
  const fontSize = mono ? size - 1 : size;
  // DejaVu Sans Mono is 0.602 of its size wide; other letters are narrower, but for some.
  const most = Math.max(1, Math.floor(width / (fontSize * (mono ? 0.603 : 0.59))));
  return {
    text: runsOf(breakable(text, most), mono ? 'Mono' : 'Text').map(({ text: part, font }) => ({
      text: part,
      font,
    })),
    fontSize,
    color: colours[tone],
    bold,
  };
}

/** Words that are longer than a line get places where they may be broken: a hash or an id would run into the next column. */
export function breakable(text: string, most: number): string {
  return text.replaceAll(/[^\s]+/g, (word) => {
    if (word.length <= most) return word;
    const characters = Array.from(word);
    const lines: string[] = [];
    while (characters.length > 0) {
      let end = Math.min(most, characters.length);
      // Rather after a separator, if one is near.
      if (end < characters.length) {
        const near = characters.slice(0, end).findLastIndex((character) => /[._/:,;-]/.test(character));
        if (near >= end / 2) end = near + 1;
      }
      lines.push(characters.splice(0, end).join(''));
    }
    return lines.join('\n');
  });
}

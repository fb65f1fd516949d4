import pdfmake from 'pdfmake';
import type { Content, CustomTableLayout, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { SignedReport } from '../types.ts';
import type { Block } from '../view/block.ts';
import { documentOf, type Document } from '../view/document.ts';
import { blockPdf, colours, printWidth } from './block.ts';
import { fontFiles, fonts } from './fonts.ts';
import { missingGlyph, runsOf } from './text.ts';

/**
 * The report as PDF: A4, real text, embedded fonts, the id and the hash on every page. The same report gives the same bytes. It takes
 * some seconds for 1,000 tenants, in which nothing else runs: a server makes it in a thread of its own.
 */
export async function evidencePdf(signed: SignedReport): Promise<Uint8Array> {
  pdfmake.setFonts(fonts);
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => fontFiles.has(path));
  pdfmake.setTableLayouts(layouts);
  const document = documentOf(signed);
  // Every break that is found lays the whole document out anew; so they are looked for without the long list at its end.
  const found = new Set<number>();
  const short = { ...document, blocks: document.blocks.map(shortened) };
  const draft = pdfmake.createPdf({
    ...definitionOf(signed, short, new Set()),
    pageBreakBefore: findBreaks(found),
  });
  await draft.getStream();
  return new Uint8Array(await pdfmake.createPdf(definitionOf(signed, document, found)).getBuffer());
}

/** The list of tenants, which is the last block. */
function shortened(block: Block, at: number, { length }: readonly Block[]): Block {
  return block.kind === 'table' && at === length - 1 ? { ...block, rows: block.rows.slice(0, 5) } : block;
}

/** Remembers the headings that would stand alone at the foot of a page: something of what they are above must fit, too. */
function findBreaks(found: Set<number>): NonNullable<TDocumentDefinitions['pageBreakBefore']> {
  return (node, query) => {
    if (node.headlineLevel === undefined) return false;
    const alone = query.getFollowingNodesOnPage().length === 0;
    const isLow = node.startPosition.verticalRatio > 0.85 && query.getPreviousNodesOnPage().length > 0;
    if (alone || isLow) found.add(node.headlineLevel);
    return alone || isLow;
  };
}

/** `breaks`: numbers of the headings that begin a page. */
function definitionOf(
  signed: SignedReport,
  { title, subtitle, blocks }: Document,
  breaks: ReadonlySet<number>,
): TDocumentDefinitions {
  const { report, hash } = signed;
  const content = blocks.map((block, at) => blockPdf(block, at, breaks.has(at)));
  return {
    pageSize: 'A4',
    pageMargins: [42, 56, 42, 48],
    compress: true,
    language: 'en',
    info: {
      title: `${title} · ${report.id}`,
      author: report.issuer.software,
      subject: subtitle,
      keywords: `SHA-256 ${hash}`,
      creator: `${report.issuer.software} ${report.issuer.version}`,
      producer: 'pdfmake',
      // The time of the report and not of the print, so that it can be made again.
      creationDate: new Date(report.issuedAt),
      modDate: new Date(report.issuedAt),
    },
    defaultStyle: { font: 'Text', fontSize: 9, lineHeight: 1.18, color: colours.plain },
    styles: {
      heading1: { fontSize: 15, bold: true, margin: [0, 16, 0, 5] },
      heading2: { fontSize: 11, bold: true, margin: [0, 10, 0, 3] },
      heading3: { fontSize: 9.5, bold: true, margin: [0, 8, 0, 2] },
      body: { margin: [0, 2, 0, 5] },
      small: { fontSize: 8, color: colours.quiet, margin: [0, 2, 0, 5] },
    },
    header: () => ({
      columns: [
        { text: `${title} · ${report.id}`, fontSize: 7.5, color: colours.quiet },
        {
          text: `SHA-256 ${hash.slice(0, 16)}…${hash.slice(-8)}`,
          font: 'Mono',
          fontSize: 6.5,
          color: colours.quiet,
          alignment: 'right',
        },
      ],
      margin: [42, 26, 42, 0],
    }),
    footer: (page, pages) => ({
      columns: [
        {
          text: `Issued ${report.issuedAt.slice(0, 10)} by ${report.issuer.software}. Verify with the JSON and the manifest; see the section on the signature.`,
          fontSize: 7.5,
          color: colours.quiet,
        },
        {
          text: `Page ${page} of ${pages}`,
          fontSize: 7.5,
          color: colours.quiet,
          alignment: 'right',
          width: 70,
        },
      ],
      margin: [42, 14, 42, 0],
    }),
    content: [
      { text: title, fontSize: 22, bold: true },
      {
        text: runsOf(subtitle, 'Text').map(({ text, font }) => ({ text, font })),
        color: colours.quiet,
        fontSize: 10.5,
      },
      {
        canvas: [{ type: 'rect', x: 0, y: 6, w: printWidth, h: 2, color: colours.accent }],
        margin: [0, 0, 0, 10],
      },
      ...content,
      ...(JSON.stringify(content).includes(missingGlyph) ? [missingNote] : []),
    ],
  };
}

const missingNote: Content = {
  text: [
    { text: missingGlyph, font: 'Other' },
    ' stands for a character that the fonts of this print do not have. The JSON and the page have it.',
  ],
  style: 'small',
};

const hair = { hLineColor: () => colours.line, vLineColor: () => colours.line };

/** Tables have lines between rows and no others. */
const layouts: Readonly<Record<string, CustomTableLayout>> = {
  rows: {
    ...hair,
    hLineWidth: (line, { table }) =>
      line === 0 || line === table.body.length + 1 ? 0 : line === 1 ? 1 : 0.5,
    vLineWidth: () => 0,
    paddingLeft: () => 4,
    paddingRight: () => 4,
    paddingTop: () => 3,
    paddingBottom: () => 2.5,
  },
  dense: {
    ...hair,
    hLineWidth: (line) => (line === 0 ? 0 : line === 1 ? 1 : 0.35),
    vLineWidth: () => 0,
    paddingLeft: () => 4,
    paddingRight: () => 4,
    paddingTop: () => 1.6,
    paddingBottom: () => 1.2,
  },
  facts: {
    ...hair,
    hLineWidth: () => 0,
    vLineWidth: () => 0,
    paddingLeft: () => 0,
    paddingRight: () => 4,
    paddingTop: () => 1.5,
    paddingBottom: () => 1.5,
  },
  box: {
    ...hair,
    hLineWidth: () => 0,
    vLineWidth: () => 0,
    paddingLeft: (column) => (column === 0 ? 0 : 10),
    paddingRight: (column) => (column === 0 ? 0 : 10),
    paddingTop: () => 7,
    paddingBottom: () => 6,
  },
  tiles: {
    ...hair,
    hLineWidth: () => 0.75,
    vLineWidth: () => 0.75,
    paddingLeft: () => 8,
    paddingRight: () => 4,
    paddingTop: () => 6,
    paddingBottom: () => 4,
  },
  code: {
    ...hair,
    hLineWidth: () => 0.75,
    vLineWidth: () => 0.75,
    fillColor: () => colours.wash,
    paddingLeft: () => 8,
    paddingRight: () => 8,
    paddingTop: () => 6,
    paddingBottom: () => 5,
  },
};

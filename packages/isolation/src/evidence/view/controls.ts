import type { EvidenceControl, EvidenceReport } from '../types.ts';
import { paragraph, type Block, type Cell } from './block.ts';

/** By framework and clause: what the report supports, and what it does not. */
export function controlSection({ controls }: EvidenceReport): readonly Block[] {
  const frameworks = Map.groupBy(controls, ({ framework }) => framework);
  return [
    paragraph(
      'What each piece of evidence supports, and what it does not show. Whether a requirement is met is for the assessor to judge.',
    ),
    ...[...frameworks].flatMap(([framework, clauses]): readonly Block[] => [
      { kind: 'heading', level: 2, text: framework },
      {
        kind: 'table',
        dense: true,
        columns: [
          { title: 'Clause', width: 'auto' },
          { title: 'About', width: 4 },
          { title: 'What the evidence supports', width: 7 },
          { title: 'What it does not show', width: 5 },
          { title: 'Sections', width: 4 },
        ],
        rows: clauses.map((control) => [
          { text: control.clause, bold: true },
          control.title,
          control.shows,
          control.doesNotShow,
          sectionsOf(control),
        ]),
      },
    ]),
  ];
}

function sectionsOf({ pieces }: EvidenceControl): Cell {
  const absent = pieces.filter(({ present }) => !present);
  const there = pieces.filter(({ present }) => present).map(({ piece }) => piece);
  const missing =
    absent.length === 0 ? [] : [`not in this report: ${absent.map(({ piece }) => piece).join(', ')}`];
  return [there.join(', '), ...missing].filter((line) => line !== '').join('\n');
}

import type { EvidenceReport } from '../types.ts';
import { count, mono, paragraph, toned, type Block } from './block.ts';

/** How many of the weaknesses that were put in on purpose were noticed. */
export function faultSection({ runs }: EvidenceReport): readonly Block[] {
  const scored = runs.filter(({ faults }) => faults !== null);
  if (scored.length === 0)
    return [
      {
        kind: 'note',
        tone: 'warn',
        title: 'No fault injection was run in the period',
        lines: ['How much the checks would notice is not shown by this report.'],
      },
    ];
  const missed = scored.flatMap(({ faults }) => faults!.missed);
  const skipped = scored.flatMap(({ faults }) => faults!.skipped);
  return [
    paragraph(
      'A throw-away copy is weakened in every way of a catalogue, one at a time; after each the checks must report a new finding, and the change is rolled back. This shows that the checks above can fail.',
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Cell', width: 3 },
        { title: 'Injected', width: 2, align: 'right' },
        { title: 'Noticed', width: 2, align: 'right' },
        { title: 'also by the rights oracle', width: 3, align: 'right' },
        { title: 'Not noticed', width: 2, align: 'right' },
        { title: 'Could not be injected', width: 3, align: 'right' },
      ],
      rows: scored.map(({ cell, faults }) => [
        cell,
        count(faults!.total),
        toned(count(faults!.found), faults!.missed.length === 0 ? 'good' : 'bad'),
        faults!.foundByOracle === null ? '–' : count(faults!.foundByOracle),
        count(faults!.missed.length),
        count(faults!.skipped.length),
      ]),
    },
    ...(missed.length === 0
      ? []
      : [
          { kind: 'heading', level: 2, text: 'Not noticed' } as const,
          {
            kind: 'table',
            columns: [
              { title: 'Fault', width: 3 },
              { title: 'What it is', width: 8 },
            ],
            rows: missed.map(({ id, title }) => [mono(id), title]),
          } as const,
        ]),
    ...(skipped.length === 0
      ? []
      : [
          { kind: 'heading', level: 2, text: 'Could not be injected here' } as const,
          {
            kind: 'table',
            dense: true,
            columns: [
              { title: 'Fault', width: 3 },
              { title: 'What it is', width: 5 },
              { title: 'Why not', width: 5 },
            ],
            rows: skipped.map(({ id, title, reason }) => [mono(id), title, reason]),
          } as const,
        ]),
  ];
}

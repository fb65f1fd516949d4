import type { EvidenceReport, EvidenceSeries } from '../types.ts';
import { count, moment, paragraph, span, toned, type Block } from './block.ts';

/** That runs came when they were due, and every time when they did not. */
export function seriesSection({ series, period }: EvidenceReport): readonly Block[] {
  if (series.length === 0)
    return [
      {
        kind: 'note',
        tone: 'warn',
        title: 'This report knows of no series',
        lines: [
          'It was made of single runs. A control plane keeps all of them and shows here when one was missing.',
        ],
      },
    ];
  const gaps = series.flatMap((each) => each.gaps.map((gap) => ({ ...gap, series: each })));
  return [
    paragraph(
      `All finished runs from ${moment(period.from)} to ${moment(period.to)}. A gap is a time of more than twice the interval in which none was finished.`,
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Kind', width: 3 },
        { title: 'Cell', width: 2 },
        { title: 'Due every', width: 2 },
        { title: 'Runs', width: 'auto', align: 'right' },
        { title: 'Failed', width: 'auto', align: 'right' },
        { title: 'First and last', width: 5 },
        { title: 'Longest interval', width: 3, align: 'right' },
        { title: 'Gaps', width: 'auto', align: 'right' },
      ],
      rows: series.map((each) => [
        each.kind,
        each.cell,
        each.everySeconds === null ? 'on demand' : span(each.everySeconds),
        count(each.runs),
        count(each.failed),
        each.first === each.last ? moment(each.first) : `${moment(each.first)}\n${moment(each.last)}`,
        span(each.longestIntervalSeconds),
        gapsOf(each),
      ]),
    },
    ...(gaps.length === 0
      ? []
      : [
          { kind: 'heading', level: 2, text: 'Gaps' } as const,
          {
            kind: 'table',
            dense: true,
            columns: [
              { title: 'Kind', width: 2 },
              { title: 'Cell', width: 2 },
              { title: 'From', width: 3 },
              { title: 'To', width: 3 },
              { title: 'For', width: 2, align: 'right' },
            ],
            rows: gaps
              .slice(0, mostGaps)
              .map((gap) => [
                gap.series.kind,
                gap.series.cell,
                moment(gap.from),
                moment(gap.to),
                span(gap.seconds),
              ]),
          } as const,
          ...(gaps.length > mostGaps
            ? [paragraph(`${count(gaps.length - mostGaps)} more gaps are in the signed JSON.`, true)]
            : []),
        ]),
  ];
}

const mostGaps = 100;

function gapsOf({ gaps, everySeconds }: EvidenceSeries) {
  if (everySeconds === null) return '–';
  return gaps.length === 0 ? toned('0', 'good') : toned(count(gaps.length), 'bad');
}

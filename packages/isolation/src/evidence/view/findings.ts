import type { Severity } from '../../finding.ts';
import type { EvidenceException, EvidenceFinding, EvidenceReport } from '../types.ts';
import { count, day, moment, mono, paragraph, toned, type Block, type Cell, type Tone } from './block.ts';

const tones: Readonly<Record<Severity, Tone>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'quiet',
};

/** So many stand in a page; the JSON has all of them. */
const mostShown = 200;

export function findingSection({ findings }: EvidenceReport): readonly Block[] {
  if (findings.length === 0)
    return [
      paragraph(
        'Nothing is open. A finding would stand here with its severity, what it is about, and since when it is known.',
      ),
    ];
  return [
    paragraph(
      'A finding is anything that is not as the design needs it, an attack that was not refused as it must be, a positive control that did not succeed, or a planted fault that nobody noticed.',
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Severity', width: 'auto' },
        { title: 'What', width: 9 },
        { title: 'Check', width: 3 },
        { title: 'First seen', width: 'auto' },
        { title: 'Last seen', width: 'auto' },
      ],
      rows: findings
        .slice(0, mostShown)
        .map((finding) => [
          severityOf(finding),
          `${finding.message}\n${finding.subject}`,
          mono(finding.check),
          day(finding.firstSeenAt),
          day(finding.lastSeenAt),
        ]),
    },
    ...leftOut(findings.length),
  ];
}

export function exceptionSection({ exceptions }: EvidenceReport): readonly Block[] {
  if (exceptions.length === 0)
    return [
      paragraph(
        'Nothing is accepted: there is no deviation from the design that somebody has decided to live with.',
      ),
    ];
  return [
    paragraph(
      'Deviations that somebody has decided to live with. After its end an exception is a finding again.',
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Severity', width: 'auto' },
        { title: 'What', width: 7 },
        { title: 'Why', width: 5 },
        { title: 'Accepted by', width: 3 },
        { title: 'Until', width: 'auto' },
      ],
      rows: exceptions
        .slice(0, mostShown)
        .map((exception) => [
          severityOf(exception),
          `${exception.message}\n${exception.subject}`,
          exception.reason,
          `${exception.acceptedBy ?? 'not recorded'}\n${exception.acceptedAt === null ? '' : moment(exception.acceptedAt)}`.trim(),
          untilOf(exception),
        ]),
    },
    ...leftOut(exceptions.length),
  ];
}

function untilOf({ until }: EvidenceException): Cell {
  return until === null ? toned('no end', 'warn') : day(until);
}

function severityOf({ severity }: EvidenceFinding): Cell {
  return toned(severity, tones[severity]);
}

function leftOut(total: number): readonly Block[] {
  return total <= mostShown
    ? []
    : [paragraph(`${count(total - mostShown)} more are in the signed JSON.`, true)];
}

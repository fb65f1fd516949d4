import type { EvidenceReport, EvidenceRun } from '../types.ts';
import { count, moment, mono, paragraph, type Block } from './block.ts';

/** Who ran what, from when to when. */
export function runSection({ runs, lifecycle }: EvidenceReport): readonly Block[] {
  const notes = runs.flatMap((run) => run.notes);
  return [
    paragraph('The report rests on these runs: the newest of each kind in the period.'),
    {
      kind: 'table',
      columns: [
        { title: 'Run', width: 5 },
        { title: 'Kind', width: 2 },
        { title: 'Cell', width: 2 },
        { title: 'Started and finished', width: 5 },
        { title: 'Run by', width: 4 },
        { title: 'Looked at', width: 4 },
      ],
      rows: runs.map((run) => [
        mono(run.id),
        run.kind,
        run.cell,
        `${moment(run.startedAt)}\n${moment(run.finishedAt)}`,
        `${run.actor}\n${run.trigger}`,
        whatOf(run),
      ]),
    },
    ...(notes.length === 0
      ? []
      : [{ kind: 'note', tone: 'warn', title: 'Parts that could not be run', lines: notes } as const]),
    ...(lifecycle === null
      ? []
      : [
          { kind: 'heading', level: 2, text: 'Tenants that came and went in the period' } as const,
          {
            kind: 'table',
            columns: [
              { title: 'Provisioned', width: 1, align: 'right' },
              { title: 'of these probed by a neighbour before they were opened', width: 3, align: 'right' },
              { title: 'Suspended', width: 1, align: 'right' },
              { title: 'Purged', width: 1, align: 'right' },
            ],
            rows: [
              [
                count(lifecycle.provisioned),
                count(lifecycle.probedBeforeActive),
                count(lifecycle.suspended),
                count(lifecycle.purged),
              ],
            ],
          } as const,
        ]),
  ];
}

function whatOf({ checks, attacks, positiveControls, faults }: EvidenceRun): string {
  const parts = [
    ...(checks.length === 0 ? [] : [`${count(checks.length)} checks`]),
    ...(attacks.length === 0 ? [] : [`${count(attacks.length)} attacks`]),
    ...(positiveControls.length === 0 ? [] : [`${count(positiveControls.length)} controls`]),
    ...(faults === null ? [] : [`${count(faults.total)} faults`]),
  ];
  return parts.join(', ');
}

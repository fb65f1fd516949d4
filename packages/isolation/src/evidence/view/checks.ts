import type { EvidenceCheck, EvidenceReport } from '../types.ts';
import { count, heading, mono, paragraph, toned, type Block, type Cell } from './block.ts';

/** Every check with what it proves and what it came to. */
export function checkSection({ runs }: EvidenceReport): readonly Block[] {
  const read = runs.filter(({ checks }) => checks.length > 0);
  if (read.length === 0)
    return [{ kind: 'note', tone: 'warn', title: 'No run has read the catalogs in the period', lines: [] }];
  return [
    paragraph(
      'The catalog audit compares everything that PostgreSQL has on roles, rights, owners, settings and objects with what the design needs; what is not needed is a finding. The rights oracle asks PostgreSQL itself, by other means, what each role may do to each tenant. Expected of every check is that it finds nothing.',
    ),
    ...read.flatMap(({ cell, checks, id }): readonly Block[] =>
      read.length === 1 ? [table(checks)] : [heading(2, `Cell ${cell}, run ${id}`), table(checks)],
    ),
  ];
}

function table(checks: readonly EvidenceCheck[]): Block {
  return {
    kind: 'table',
    dense: true,
    columns: [
      { title: 'Check', width: 4 },
      { title: 'What it proves when it finds nothing', width: 9 },
      { title: 'Expected', width: 'auto', align: 'right' },
      { title: 'Found', width: 'auto', align: 'right' },
      { title: 'Accepted', width: 'auto', align: 'right' },
      { title: 'Result', width: 'auto' },
    ],
    rows: checks.map((check) => [
      mono(check.id),
      check.proves,
      '0',
      count(check.findings),
      count(check.accepted),
      resultOf(check),
    ]),
  };
}

function resultOf({ status, accepted }: EvidenceCheck): Cell {
  if (status === 'failed') return toned('finding', 'bad');
  return accepted > 0 ? toned('exception', 'warn') : toned('passed', 'good');
}

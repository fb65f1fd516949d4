import type { EvidenceReport } from '../types.ts';
import { paragraph, type Block } from './block.ts';

/** What stays possible in every database that tenants share. */
export function residualSection({ residualRisks }: EvidenceReport): readonly Block[] {
  return [
    paragraph(
      'PostgreSQL allows these in every database that several tenants share; no setting takes them away. A tenant for whom one of them matters belongs into a database of its own.',
    ),
    {
      kind: 'table',
      columns: [
        { title: 'Risk', width: 3 },
        { title: 'What is so', width: 7 },
        { title: 'What reduces it', width: 6 },
      ],
      rows: residualRisks.map(({ title, statement, reducedBy }) => [
        { text: title, bold: true },
        statement,
        reducedBy,
      ]),
    },
  ];
}

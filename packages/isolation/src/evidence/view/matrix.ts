import type { EvidenceReport } from '../types.ts';
import { count, counted, moment, mono, paragraph, type Block } from './block.ts';

/** Who may do what in whose schema, on half a page. */
export function matrixSection({ accessMatrix, scope }: EvidenceReport): readonly Block[] {
  if (accessMatrix.length === 0)
    return [
      { kind: 'note', tone: 'warn', title: 'The access matrix was not read for this report', lines: [] },
    ];
  const forTenant = scope.kind === 'tenant';
  return [
    paragraph(
      `Effective rights as PostgreSQL answers for them: grants, ownership, PUBLIC and everything that is inherited. ${
        forTenant
          ? 'Roles that are not listed have nothing in your schema.'
          : 'A pair of a role and a schema that is not listed has nothing. The whole matrix can be exported as CSV and JSON.'
      }`,
    ),
    ...accessMatrix.flatMap((matrix): readonly Block[] => [
      { kind: 'heading', level: 2, text: `Cell ${matrix.cell}, as of ${moment(matrix.asOf)}` },
      ...(matrix.pairs === null
        ? []
        : [
            paragraph(
              `${counted(matrix.roles!, 'role')} × ${counted(matrix.schemas!, 'schema')} of tenants = ${count(matrix.pairs)} pairs were asked about.`,
            ),
          ]),
      {
        kind: 'table',
        columns: [
          { title: 'Role', width: 5 },
          { title: 'In', width: 4 },
          { title: 'May', width: 9 },
        ],
        rows: [
          ...matrix.own.map(({ who, may, tenants }) => [
            who,
            forTenant ? 'your schema' : `its own schema (${counted(tenants, 'tenant')})`,
            may,
          ]),
          ...matrix.others.map(({ role, schema, may }) => [mono(role), mono(schema), may]),
          ...matrix.everywhere.map(({ role, why }) => [mono(role), 'every schema', `everything: ${why}`]),
        ],
      },
      ...(matrix.othersLeftOut === 0
        ? []
        : [paragraph(`${count(matrix.othersLeftOut)} more lines are in the export.`, true)]),
    ]),
  ];
}

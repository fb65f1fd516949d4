import type { EvidenceReport } from '../types.ts';
import { day, mono, paragraph, type Block } from './block.ts';

/** Every tenant by name; nothing in a report for one of them. */
export function appendix({ population }: EvidenceReport): readonly {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}[] {
  if (population === null) return [];
  const cells = new Set(population.tenants.map(({ cell }) => cell));
  return [
    {
      id: 'population',
      title: 'Appendix: every tenant',
      blocks: [
        paragraph(
          'As the registry had them when the report was issued. The id is also the schema and the login, unless the schema was adopted.',
        ),
        {
          kind: 'table',
          dense: true,
          columns: [
            { title: 'Id', width: 'auto' },
            { title: 'Slug', width: 4 },
            { title: 'Name', width: 5 },
            { title: 'State', width: 'auto' },
            { title: 'Level', width: 'auto' },
            ...(cells.size > 1 ? [{ title: 'Cell', width: 2 } as const] : []),
            { title: 'Provisioned', width: 'auto' },
            { title: 'Version', width: 'auto' },
          ],
          rows: population.tenants.map((tenant) => [
            mono(tenant.id),
            tenant.slug ?? '–',
            tenant.schema === tenant.id ? tenant.name : `${tenant.name} (schema ${tenant.schema})`,
            tenant.state,
            tenant.level,
            ...(cells.size > 1 ? [tenant.cell] : []),
            day(tenant.provisionedAt),
            tenant.schemaVersion ?? '–',
          ]),
        },
      ],
    },
  ];
}

import type { EvidencePopulation, EvidenceReport } from '../types.ts';
import { count, mono, moment, paragraph, toned, type Block } from './block.ts';

/** Whom the report is about, counted twice, and on which servers. */
export function scopeSection(report: EvidenceReport): readonly Block[] {
  const { scope, population } = report;
  return [
    ...(scope.kind === 'tenant' ? tenantScope(report) : []),
    ...(population === null ? [] : populationBlocks(population)),
    { kind: 'heading', level: 2, text: 'Servers' },
    serverTable(report),
  ];
}

function tenantScope({ scope }: EvidenceReport): readonly Block[] {
  if (scope.kind !== 'tenant') return [];
  const { tenant } = scope;
  return [
    paragraph(
      'This report is about one tenant. It holds nothing that tells about others: where a text of the installation named one, it says “(another tenant)”.',
    ),
    {
      kind: 'facts',
      rows: [
        ['Tenant', tenant.name],
        ['Id', mono(tenant.id)],
        ['State', tenant.state],
        ['Level of isolation', levelText(tenant.level)],
        ['Schema', mono(tenant.schema)],
        ['Cell', tenant.cell],
        ['Provisioned', moment(tenant.provisionedAt)],
      ],
    },
  ];
}

function populationBlocks(population: EvidencePopulation): readonly Block[] {
  const { registered, found, reconciled, differences, byState, byLevel } = population;
  return [
    paragraph(
      'The population is every tenant of the registry that has a schema. It is counted twice: in the registry, and by the verifier in the catalogs of the databases. Every tenant is listed in the appendix.',
    ),
    {
      kind: 'facts',
      rows: [
        ['In the registry', count(registered)],
        ['In the databases', found === null ? 'not counted' : count(found)],
        ['Reconciled', reconciled ? toned('yes', 'good') : toned('no', 'bad')],
        ['By state', byState.map(([state, n]) => `${state} ${count(n)}`).join(' · ')],
        [
          'By level of isolation',
          byLevel.map(([level, n]) => `${levelText(level)}: ${count(n)}`).join(' · '),
        ],
      ],
    },
    ...(differences.length === 0
      ? []
      : [{ kind: 'note', tone: 'bad', title: 'What does not agree', lines: differences } as const]),
  ];
}

const levels: Readonly<Record<string, string>> = {
  sealed: 'sealed (a login for each tenant)',
  leased: 'leased (a slot that is one tenant’s at a time)',
  dedicated: 'dedicated (a database for one tenant)',
};

export function levelText(level: string): string {
  return levels[level] ?? level;
}

function serverTable({ runs }: EvidenceReport): Block {
  const servers = new Map(
    runs.map(({ cell, server, faults }) => [
      `${cell}\0${server.version}\0${server.systemIdentifier}`,
      // Faults are put into a server that is made for them.
      { cell: faults === null ? cell : `copy of ${cell}, for faults`, server },
    ]),
  );
  return {
    kind: 'table',
    columns: [
      { title: 'Cell', width: 3 },
      { title: 'PostgreSQL', width: 2 },
      { title: 'System identifier', width: 4 },
      { title: 'Database', width: 2 },
      { title: 'Verified as', width: 3 },
    ],
    rows: [...servers.values()].map(({ cell, server }) => [
      cell,
      server.version,
      server.systemIdentifier === null ? 'may not be read' : mono(server.systemIdentifier),
      mono(server.database),
      mono(server.role),
    ]),
  };
}

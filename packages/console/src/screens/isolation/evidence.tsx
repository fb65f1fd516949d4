import { Button, Flex, Menu, Portal, Stack, Text, chakra } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Evidence } from '@tenantry/contract';
import { Download, FileCheck2, FilePlus2, Link2, SearchX, Table2, X } from 'lucide-react';
import { useState } from 'react';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import type { DataColumn } from '../../components/data-table/types.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { baseUrl } from '../../lib/base.ts';
import { useCan } from '../../lib/session.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { ChainCheck } from './chain-check.tsx';
import { IsolationFrame } from './frame.tsx';
import { IssueDialog } from './issue-dialog.tsx';
import type { EvidenceSearch } from './search.ts';
import { SigningKeys } from './signing-keys.tsx';

const outcomes = {
  held: { state: 'verified', label: 'Isolation held' },
  findings: { state: 'failing', label: 'Findings' },
  incomplete: { state: 'stale', label: 'Incomplete' },
} as const;

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const dayOf = (iso: string): string => day.format(new Date(iso));

const columns: readonly DataColumn<Evidence>[] = [
  {
    id: 'about',
    header: 'Report',
    cell: ({ sequence, tenantId, headline }) => (
      <Stack gap="0" minW="0">
        <Text truncate fontWeight="medium">
          {tenantId === null ? 'Installation' : `Tenant ${tenantId}`} #{sequence}
        </Text>
        <Text truncate fontSize="xs" color="fg.muted" title={headline}>
          {headline}
        </Text>
      </Stack>
    ),
    width: '36%',
    card: 'title',
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome }) => <StateBadge {...outcomes[outcome]} />,
    width: '14%',
    card: 'badge',
  },
  {
    id: 'period',
    header: 'Period (UTC)',
    cell: ({ from, to }) => (
      <Text as="span" title={`${from} – ${to}`}>
        {dayOf(from)} – {dayOf(to)}
      </Text>
    ),
    width: '18%',
  },
  { id: 'issued', header: 'Issued', cell: ({ issuedAt }) => <RelativeTime at={issuedAt} />, width: '11%' },
  { id: 'by', header: 'By', cell: ({ issuedBy }) => <bdi title={issuedBy}>{issuedBy}</bdi>, width: '12%' },
  {
    id: 'download',
    header: 'Download',
    cell: (report) => <DownloadMenu report={report} />,
    align: 'end',
    width: '9%',
  },
];

/** Reports that a stranger can check: signed, chained, mapped to what auditors ask for. */
export function EvidenceScreen() {
  return (
    <IsolationFrame tab="Evidence">
      <EvidenceList />
    </IsolationFrame>
  );
}

function EvidenceList() {
  const [search, setSearch] = useScreenSearch<EvidenceSearch>();
  const { tenant, cursor, limit } = search;
  const [issuing, setIssuing] = useState(false);
  const can = useCan();
  const query = useQuery({
    ...read('listEvidence', { query: { tenant, cursor, limit } }),
    placeholderData: keepPreviousData,
  });
  const issue = can('evidence:write') ? (
    <Button size="sm" colorPalette="brand" onClick={() => setIssuing(true)}>
      <FilePlus2 aria-hidden /> Issue a report
    </Button>
  ) : undefined;
  return (
    <Stack gap="5">
      <ChainCheck tenant={tenant} />
      <section aria-label="Reports">
        <Flex gap="2" mb="3" wrap="wrap" align="center">
          {query.data !== undefined && query.data.items.length > 0 && issue}
          {can('isolation:read') && <AccessMatrix />}
          {tenant !== undefined && (
            <Button
              size="sm"
              variant="subtle"
              colorPalette="brand"
              onClick={() => setSearch(fromFirstPage({ tenant: undefined }))}
            >
              tenant: {tenant} <X aria-label="Remove the filter tenant" />
            </Button>
          )}
        </Flex>
        <DataTable<Evidence>
          label="Reports"
          noun="report"
          columns={columns}
          query={query}
          rowId={({ id }) => id}
          position={search}
          onMove={(next) => setSearch(pageAt(next))}
          empty={
            tenant === undefined ? (
              <EmptyState icon={FileCheck2} title="No report has been issued yet" action={issue}>
                A report says what was tried and what PostgreSQL answered, mapped to SOC 2, GDPR and ISO
                27001. It is signed, and names the hash of the one before it.
              </EmptyState>
            ) : (
              <EmptyState icon={SearchX} title={`No report for ${tenant}`} action={issue} />
            )
          }
        />
      </section>
      <SigningKeys />
      <IssueDialog open={issuing} tenant={tenant} onClose={() => setIssuing(false)} />
    </Stack>
  );
}

const formats = [
  { format: 'html', label: 'Page (HTML)' },
  { format: 'pdf', label: 'Print (PDF)' },
  { format: 'json', label: 'Signed report (JSON)' },
  { format: 'manifest', label: 'Manifest of the three' },
] as const;

function DownloadMenu({ report }: { readonly report: Evidence }) {
  const name = `${report.tenantId ?? 'installation'} #${report.sequence}`;
  return (
    <Menu.Root lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <Button size="xs" variant="outline" colorPalette="gray" aria-label={`Download ${name}`}>
          <Download aria-hidden /> Download
        </Button>
      </Menu.Trigger>
      <Portal>
        <Menu.Positioner>
          <Menu.Content>
            {formats.map(({ format, label }) => (
              <Menu.Item key={format} value={format} asChild>
                <chakra.a href={`${baseUrl}/v1/evidence/${report.id}?format=${format}`} download>
                  {label}
                </chakra.a>
              </Menu.Item>
            ))}
            <Menu.Separator />
            <Menu.Item value="copy" onClick={() => void navigator.clipboard.writeText(report.hash)}>
              <Link2 size={14} aria-hidden /> Copy its hash
            </Menu.Item>
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}

/** Role × schema, as PostgreSQL itself answers. */
function AccessMatrix() {
  return (
    <Button asChild size="sm" variant="outline" colorPalette="gray" bg="bg.panel">
      <a href={`${baseUrl}/v1/isolation/access-matrix?format=csv`} download>
        <Table2 aria-hidden /> Access matrix (CSV)
      </a>
    </Button>
  );
}

import { Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import type { Revision, TenantTable } from '@tenantry/contract';
import { CircleCheck, Table2, TriangleAlert } from 'lucide-react';
import { Mono } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { bytes, compact, plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { useTenant } from './use-tenant.ts';

/** What ran in the tenant against what is configured, and the tables that it made. */
export function SchemaTab() {
  const { id } = useTenant();
  return (
    <Flex direction="column" gap="5">
      <Migrations tenant={id} />
      <Tables tenant={id} />
    </Flex>
  );
}

function Migrations({ tenant }: { readonly tenant: string }) {
  const { data, error, refetch } = useQuery(read('listTenantMigrations', { params: { tenant } }));
  return (
    <Panel
      title="Migrations"
      flush
      {...(data ? { description: versionText(data.schemaVersion, data.configuredVersion) } : {})}
      actions={data && <Drift behind={data.behind} drifted={data.drifted} />}
    >
      {error && !data ? (
        <Flex p="4">
          <ErrorAlert error={error} title="The migrations could not be read" onRetry={() => void refetch()} />
        </Flex>
      ) : data ? (
        data.items.length === 0 ? (
          <EmptyState icon={Table2} title="No migration has run" />
        ) : (
          <SimpleTable
            label="Migrations of the tenant"
            columns={revisionColumns}
            rows={data.items}
            rowId={({ rank, script }) => `${rank ?? 'pending'} ${script}`}
            maxHeight="460px"
          />
        )
      ) : (
        <Skeleton h="200px" />
      )}
    </Panel>
  );
}

function versionText(has: string | null, configured: string | null): string {
  if (has === configured) return `Version ${has ?? 'none'}, as configured`;
  return `Version ${has ?? 'none'}; configured is ${configured ?? 'none'}`;
}

function Drift({ behind, drifted }: { readonly behind: number; readonly drifted: number }) {
  if (behind === 0 && drifted === 0) {
    return (
      <Flex color="fg.success" align="center" gap="1.5" fontSize="sm">
        <CircleCheck size={14} aria-hidden /> No drift
      </Flex>
    );
  }
  return (
    <Flex color={drifted > 0 ? 'fg.error' : 'fg.warning'} align="center" gap="1.5" fontSize="sm">
      <TriangleAlert size={14} aria-hidden />
      {[drifted > 0 && `${plural(drifted, 'migration')} drifted`, behind > 0 && `${behind} to run`]
        .filter(Boolean)
        .join(', ')}
    </Flex>
  );
}

const revisionWords: Record<Revision['state'], { readonly state: string; readonly label: string }> = {
  applied: { state: 'succeeded', label: 'applied' },
  pending: { state: 'pending', label: 'pending' },
  changed: { state: 'failed', label: 'file changed' },
  outdated: { state: 'queued', label: 'will run again' },
  superseded: { state: 'skipped', label: 'superseded' },
  missing: { state: 'failed', label: 'file missing' },
  failed: { state: 'failed', label: 'failed' },
};

const revisionColumns = [
  { header: 'Version', cell: ({ version, kind }: Revision) => <Mono>{version ?? kind}</Mono> },
  { header: 'Description', cell: ({ description }: Revision) => description },
  { header: 'State', cell: ({ state }: Revision) => <StateBadge {...revisionWords[state]} /> },
  {
    header: 'Checksum',
    cell: ({ checksum, fileChecksum, state }: Revision) =>
      checksum === null ? (
        <None />
      ) : (
        <Text as="span" fontFamily="mono" fontSize="xs">
          {checksum}
          {state === 'changed' && fileChecksum !== null && (
            <Text as="span" color="fg.error">
              {' '}
              file: {fileChecksum}
            </Text>
          )}
        </Text>
      ),
  },
  { header: 'When', cell: ({ installedAt }: Revision) => <RelativeTime at={installedAt} /> },
  {
    header: 'Took',
    align: 'end' as const,
    cell: ({ ms }: Revision) => (ms === null ? <None /> : duration(ms)),
  },
];

function Tables({ tenant }: { readonly tenant: string }) {
  const { data, error, refetch } = useQuery(read('listTenantTables', { params: { tenant } }));
  return (
    <Panel
      title="Tables"
      flush
      {...(data
        ? { description: `${plural(data.items.length, 'table')}, ~${bytes(data.bytes)} with indexes` }
        : {})}
    >
      {error && !data ? (
        <Flex p="4">
          <ErrorAlert error={error} title="The tables could not be read" onRetry={() => void refetch()} />
        </Flex>
      ) : data ? (
        data.items.length === 0 ? (
          <EmptyState icon={Table2} title="The schema holds no table" />
        ) : (
          <SimpleTable
            label="Tables of the tenant"
            columns={tableColumns}
            rows={data.items}
            rowId={({ name }) => name}
            maxHeight="460px"
          />
        )
      ) : (
        <Skeleton h="200px" />
      )}
    </Panel>
  );
}

const tableColumns = [
  {
    header: 'Name',
    cell: ({ name, kind }: TenantTable) => (
      <>
        <Mono>{name}</Mono>
        {kind !== 'table' && (
          <Text as="span" color="fg.muted" fontSize="xs">
            {' '}
            {kind}
          </Text>
        )}
      </>
    ),
  },
  { header: 'Size', align: 'end' as const, cell: ({ bytes: size }: TenantTable) => bytes(size) },
  { header: 'Indexes', align: 'end' as const, cell: ({ indexBytes }: TenantTable) => bytes(indexBytes) },
  {
    header: 'Rows',
    align: 'end' as const,
    cell: ({ rows }: TenantTable) => (rows === null ? <None /> : `~${compact(rows)}`),
  },
  { header: 'Dead rows', align: 'end' as const, cell: ({ deadRows }: TenantTable) => compact(deadRows) },
  { header: 'Columns', align: 'end' as const, cell: ({ columns }: TenantTable) => columns },
  { header: 'Last vacuum', cell: ({ lastVacuum }: TenantTable) => <RelativeTime at={lastVacuum} /> },
  { header: 'Last analyze', cell: ({ lastAnalyze }: TenantTable) => <RelativeTime at={lastAnalyze} /> },
];

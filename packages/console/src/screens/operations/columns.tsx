import { Flex, Text } from '@chakra-ui/react';
import type { Operation } from '@tenantry/contract';
import type { DataColumn } from '../../components/data-table/types.ts';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { duration } from '../../lib/time.ts';
import { kindName } from './kinds.ts';
import { TenantLink } from './tenant-link.tsx';

export const operationColumns: readonly DataColumn<Operation>[] = [
  {
    id: 'kind',
    header: 'Operation',
    fixed: true,
    card: 'title',
    cell: ({ kind, tenantSlug, tenantId }) => (
      <Text as="span">
        {kindName(kind)} <bdi>{tenantSlug ?? tenantId}</bdi>
      </Text>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '124px',
    card: 'badge',
    cell: ({ state }) => <StateBadge state={state} />,
  },
  {
    id: 'steps',
    header: 'Steps',
    cell: (operation) => <Progress operation={operation} />,
  },
  {
    id: 'tenant',
    header: 'Tenant',
    card: 'hidden',
    cell: ({ tenantId, tenantSlug }) => <TenantLink id={tenantId} slug={tenantSlug} />,
  },
  {
    id: 'actor',
    header: 'By',
    cell: ({ actor }) => <bdi title={`${actor.kind} ${actor.id}`}>{actor.name}</bdi>,
  },
  {
    id: 'ms',
    header: 'Took',
    width: '116px',
    align: 'end',
    cell: ({ ms }) => (ms === null ? <None /> : duration(ms)),
  },
  {
    id: 'createdAt',
    header: 'Started',
    width: '120px',
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
];

function Progress({ operation: { state, steps, progress, error } }: { readonly operation: Operation }) {
  if (error) {
    return (
      <Text as="span" color="fg.error" title={error.message}>
        {error.file === undefined ? '' : `${error.file}: `}
        {error.message}
      </Text>
    );
  }
  const running = steps.find((step) => step.state === 'running');
  return (
    <Flex as="span" gap="2" color="fg.muted" minW="0">
      <span>
        {progress.done}/{progress.total}
      </span>
      {running && state !== 'succeeded' && (
        <Text as="span" truncate title={running.title}>
          {running.title}
        </Text>
      )}
    </Flex>
  );
}

import { Badge, Box, Flex, Text } from '@chakra-ui/react';
import type { Tenant } from '@tenantry/contract';
import { Mono } from '../../components/code-block.tsx';
import type { DataColumn } from '../../components/data-table/types.ts';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TenantMenu } from './tenant-menu.tsx';

export const tenantColumns: readonly DataColumn<Tenant>[] = [
  {
    id: 'name',
    header: 'Tenant',
    sortKey: 'name',
    fixed: true,
    card: 'title',
    cell: ({ name, slug }) => (
      <Flex as="span" direction="column" minW="180px" lineHeight="1.3">
        <Text as="span" truncate dir="auto" title={name}>
          {name}
        </Text>
        {slug !== null && slug !== name && (
          <Text
            as="span"
            fontSize="xs"
            fontWeight="normal"
            color="fg.muted"
            truncate
            title={slug}
            className="comfortable-only"
          >
            {slug}
          </Text>
        )}
      </Flex>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '132px',
    card: 'badge',
    cell: ({ state }) => <StateBadge state={state} />,
  },
  {
    id: 'plan',
    header: 'Plan',
    width: '112px',
    cell: ({ plan }) => plan,
  },
  {
    id: 'schemaVersion',
    header: 'Schema version',
    width: '128px',
    cell: ({ schemaVersion }) => (schemaVersion === null ? <None /> : <Mono>{schemaVersion}</Mono>),
  },
  {
    id: 'labels',
    header: 'Labels',
    card: 'hidden',
    cell: ({ labels }) => <Labels labels={labels} />,
  },
  { id: 'cell', header: 'Cell', width: '104px', optional: true, card: 'hidden', cell: ({ cell }) => cell },
  {
    id: 'id',
    header: 'Id',
    width: '168px',
    optional: true,
    card: 'hidden',
    cell: ({ id }) => <Mono copy="tenant id">{id}</Mono>,
  },
  {
    id: 'updatedAt',
    header: 'Changed',
    sortKey: 'updatedAt',
    width: '124px',
    card: 'hidden',
    cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
  },
  {
    id: 'createdAt',
    header: 'Created',
    sortKey: 'createdAt',
    width: '124px',
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
  {
    id: 'actions',
    header: 'Actions',
    quietHeader: true,
    width: '60px',
    align: 'end',
    fixed: true,
    card: 'badge',
    cell: (tenant) => <TenantMenu tenant={tenant} />,
  },
];

/** Labels as far as there is room; all of them on hover. */
export function Labels({
  labels,
  all = false,
}: {
  readonly labels: Tenant['labels'];
  readonly all?: boolean;
}) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <None />;
  const shown = all ? entries : entries.slice(0, 2);
  const rest = entries.length - shown.length;
  return (
    <Flex
      as="span"
      gap="1"
      wrap={all ? 'wrap' : 'nowrap'}
      title={all ? undefined : entries.map((pair) => pair.join(': ')).join('\n')}
    >
      {shown.map(([key, value]) => (
        <Badge
          key={key}
          size="xs"
          variant="outline"
          colorPalette="gray"
          fontWeight="normal"
          color="fg.muted"
          maxW={all ? 'full' : '150px'}
        >
          <Box as="span" truncate>
            {key}: <bdi>{value}</bdi>
          </Box>
        </Badge>
      ))}
      {rest > 0 && (
        <Text as="span" fontSize="xs" color="fg.muted">
          +{rest}
        </Text>
      )}
    </Flex>
  );
}

import { Box, Flex, Link as ChakraLink, Text } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TimelineItem } from '@tenantry/contract';
import { History } from 'lucide-react';
import { LoadingRows } from '../../components/data-table/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { duration } from '../../lib/time.ts';
import { Actor } from '../audit/columns.tsx';
import { kindName } from '../operations/kinds.ts';

interface TimelineProps {
  readonly tenant: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly children?: (next: string | null) => React.ReactNode;
}

/** What happened to a tenant, newest first: operations and audit events in one. */
export function Timeline({ tenant, limit, cursor, children }: TimelineProps) {
  const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...read('listTenantTimeline', { params: { tenant }, query }),
    placeholderData: keepPreviousData,
  });
  if (error && !data) {
    return (
      <Box p="4">
        <ErrorAlert error={error} title="The activity could not be read" onRetry={() => void refetch()} />
      </Box>
    );
  }
  if (!data) return <LoadingRows label="Activity" columns={3} rows={limit > 10 ? 8 : limit} />;
  if (data.items.length === 0) return <EmptyState icon={History} title="Nothing has happened yet" />;
  return (
    <>
      <Box as="ol" listStyleType="none" opacity={isPlaceholderData ? 0.55 : 1}>
        {data.items.map((item) => (
          <TimelineRow key={item.operation?.id ?? item.audit?.id} item={item} />
        ))}
      </Box>
      {!data.includesAudit && (
        <Text px="4" py="2.5" fontSize="xs" color="fg.muted" borderTopWidth="1px">
          Only operations: your role does not include <code>audit:read</code>.
        </Text>
      )}
      {children?.(data.nextCursor)}
    </>
  );
}

function TimelineRow({ item: { operation, audit, at } }: { readonly item: TimelineItem }) {
  return (
    <Flex
      as="li"
      gap="3"
      px="4"
      py="2.5"
      align="center"
      borderBottomWidth="1px"
      borderColor="border.muted"
      _last={{ borderBottomWidth: 0 }}
      wrap={{ base: 'wrap', sm: 'nowrap' }}
    >
      <Box flex="1" minW="0">
        {operation && (
          <Flex align="center" gap="2" wrap="wrap">
            <ChakraLink
              asChild
              variant="plain"
              color="fg"
              fontWeight="medium"
              _hover={{ textDecoration: 'underline' }}
            >
              <Link to="/operations/$operation" params={{ operation: operation.id }}>
                {kindName(operation.kind)}
              </Link>
            </ChakraLink>
            <StateBadge state={operation.state} />
            {operation.ms !== null && (
              <Text as="span" color="fg.muted" fontSize="xs">
                {duration(operation.ms)}
              </Text>
            )}
          </Flex>
        )}
        {audit && (
          <Flex align="center" gap="2" wrap="wrap">
            <ChakraLink asChild variant="plain" color="fg" _hover={{ textDecoration: 'underline' }}>
              <Link to="/audit" search={{ event: audit.id, tenant: audit.tenantId ?? undefined }}>
                {audit.action}
              </Link>
            </ChakraLink>
            {audit.outcome !== 'success' && <StateBadge state={audit.outcome} />}
            {audit.reason !== null && (
              <Text as="span" color="fg.muted" fontSize="xs" dir="auto">
                {audit.reason}
              </Text>
            )}
          </Flex>
        )}
      </Box>
      <Box fontSize="xs" color="fg.muted" maxW="160px" minW="0">
        {audit ? <Actor actor={audit.actor} /> : <bdi>{operation?.actor.name}</bdi>}
      </Box>
      <Box fontSize="xs" color="fg.muted" w={{ sm: '88px' }} textAlign={{ sm: 'end' }} flexShrink={0}>
        <RelativeTime at={at} />
      </Box>
    </Flex>
  );
}

import { Box, Flex, Link as ChakraLink, Text } from '@chakra-ui/react';
import { Link } from '@tanstack/react-router';
import type { Operation, Overview } from '@tenantry/contract';
import { CircleCheck } from 'lucide-react';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { kindName } from '../operations/kinds.ts';

/** What runs now, and what has failed and waits for somebody. */
export function OperationsPanel({
  operations,
}: {
  readonly operations: NonNullable<Overview['operations']>;
}) {
  const shown = [...operations.unfinished, ...operations.failed];
  return (
    <Panel
      title="Running and failed"
      description="Operations of the last day"
      flush
      actions={
        <ChakraLink asChild fontSize="sm" color="fg.muted">
          <Link to="/operations">All operations</Link>
        </ChakraLink>
      }
    >
      {shown.length === 0 ? (
        <Flex align="center" gap="2" px="4" py="5" color="fg.muted">
          <Box color="fg.success" aria-hidden>
            <CircleCheck size={16} />
          </Box>
          Nothing runs, and nothing has failed.
        </Flex>
      ) : (
        <Box as="ul" listStyleType="none">
          {shown.map((operation) => (
            <OperationRow key={operation.id} operation={operation} />
          ))}
        </Box>
      )}
    </Panel>
  );
}

function OperationRow({ operation }: { readonly operation: Operation }) {
  return (
    <Box
      as="li"
      px="4"
      py="2.5"
      borderBottomWidth="1px"
      borderColor="border.muted"
      _last={{ borderBottomWidth: 0 }}
    >
      <Flex align="center" gap="2.5">
        <ChakraLink
          asChild
          variant="plain"
          color="fg"
          fontWeight="medium"
          _hover={{ textDecoration: 'underline' }}
          minW="0"
        >
          <Link to="/operations/$operation" params={{ operation: operation.id }}>
            {kindName(operation.kind)} <bdi>{operation.tenantSlug ?? operation.tenantId}</bdi>
          </Link>
        </ChakraLink>
        <StateBadge state={operation.state} />
        <Text ms="auto" color="fg.muted" fontSize="xs" flexShrink={0}>
          <RelativeTime at={operation.finishedAt ?? operation.createdAt} />
        </Text>
      </Flex>
      {operation.error && (
        <Text color="fg.muted" fontSize="xs" mt="0.5" truncate title={operation.error.message}>
          {operation.error.message}
        </Text>
      )}
    </Box>
  );
}

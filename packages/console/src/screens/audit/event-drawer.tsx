import {
  Badge,
  Box,
  CloseButton,
  Drawer,
  Flex,
  Heading,
  Portal,
  Skeleton,
  Text,
  chakra,
} from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import type { AuditEvent } from '@tenantry/contract';
import { CodeBlock, Mono } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { ExactTime, None } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { TenantLink } from '../operations/tenant-link.tsx';
import { Actor } from './columns.tsx';
import { diffOf, type FieldChange } from './diff.ts';

/** One event of the trail: who, what, what it changed, and its place in the chain. */
export function EventDrawer({
  id,
  onClose,
}: {
  readonly id: string | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Drawer.Root
      open={id !== undefined}
      onOpenChange={({ open }) => !open && onClose()}
      size="lg"
      lazyMount
      unmountOnExit
    >
      <Portal>
        <Drawer.Backdrop />
        <Drawer.Positioner>
          <Drawer.Content maxW={{ base: '100%', md: '640px' }}>
            <Drawer.Header borderBottomWidth="1px" py="4">
              <Drawer.Title fontSize="md">Audit event</Drawer.Title>
            </Drawer.Header>
            <Drawer.Body py="4">{id !== undefined && <Contents id={id} />}</Drawer.Body>
            <Drawer.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Drawer.CloseTrigger>
          </Drawer.Content>
        </Drawer.Positioner>
      </Portal>
    </Drawer.Root>
  );
}

function Contents({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    ...read('getAuditEvent', { params: { event: id } }),
    // The trail is never rewritten.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error)
    return <ErrorAlert error={error} title="The event could not be read" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton h="320px" rounded="md" />;
  return (
    <Flex direction="column" gap="6">
      <EventFacts event={data} />
      <Change event={data} />
      <CodeBlock label="The event as JSON" code={JSON.stringify(data, null, 2)} maxHeight="360px" />
    </Flex>
  );
}

function EventFacts({ event }: { readonly event: AuditEvent }) {
  return (
    <Details
      items={[
        {
          name: 'Action',
          value: (
            <Flex as="span" gap="2" align="center">
              <b>{event.action}</b> <StateBadge state={event.outcome} />
            </Flex>
          ),
        },
        { name: 'When', value: <ExactTime at={event.at} /> },
        { name: 'By', value: <Actor actor={event.actor} /> },
        {
          name: 'Target',
          value: (
            <>
              {event.target.kind} <Mono copy="target id">{event.target.id}</Mono>
            </>
          ),
        },
        { name: 'Tenant', value: <TenantLink id={event.tenantId} /> },
        { name: 'Reason', value: event.reason === null ? <None /> : <bdi>{event.reason}</bdi> },
        { name: 'Address', value: event.sourceIp ?? <None /> },
        {
          name: 'Request',
          value: event.requestId === null ? <None /> : <Mono copy="request id">{event.requestId}</Mono>,
        },
        { name: 'In the chain', value: `Number ${event.seq}` },
        { name: 'Hash', value: <Mono copy="hash">{event.hash}</Mono> },
        { name: 'Hash before', value: <Mono copy="hash of the event before">{event.prevHash}</Mono> },
      ]}
    />
  );
}

function Change({ event }: { readonly event: AuditEvent }) {
  const fields = diffOf(event.before, event.after);
  const changed = fields.filter(({ change }) => change !== 'same');
  if (fields.length === 0) return null;
  return (
    <Box>
      <Heading as="h3" fontSize="sm" fontWeight="semibold" mb="2">
        What changed
      </Heading>
      {changed.length === 0 ? (
        <Text color="fg.muted">Nothing that the trail keeps.</Text>
      ) : (
        <Box borderWidth="1px" rounded="md" overflow="hidden">
          {changed.map((field) => (
            <FieldRow key={field.path} field={field} />
          ))}
        </Box>
      )}
    </Box>
  );
}

const palettes = { added: 'green', removed: 'red', changed: 'blue', same: 'slate' } as const;

function FieldRow({ field }: { readonly field: FieldChange }) {
  return (
    <Flex
      gap="3"
      px="3"
      py="2"
      borderBottomWidth="1px"
      borderColor="border.muted"
      _last={{ borderBottomWidth: 0 }}
      align="baseline"
      wrap="wrap"
    >
      <Text w="140px" fontFamily="mono" fontSize="xs" flexShrink={0} overflowWrap="anywhere">
        {field.path}
      </Text>
      <Box flex="1" minW="180px" fontFamily="mono" fontSize="xs" overflowWrap="anywhere">
        {field.change !== 'added' && (
          <Box color="fg.error">
            <span aria-hidden>− </span>
            <chakra.del textDecoration="none">{textOf(field.before)}</chakra.del>
          </Box>
        )}
        {field.change !== 'removed' && (
          <Box color="fg.success">
            <span aria-hidden>+ </span>
            <chakra.ins textDecoration="none">{textOf(field.after)}</chakra.ins>
          </Box>
        )}
      </Box>
      <Badge size="xs" colorPalette={palettes[field.change]}>
        {field.change}
      </Badge>
    </Flex>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}

import { Badge, Box, Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Cell, CellCheck } from '@tenantry/contract';
import { CircleCheck, CircleX, Stethoscope, TriangleAlert } from 'lucide-react';
import { CodeBlock, Mono } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Panel } from '../../components/page.tsx';
import { ExactTime, None } from '../../components/relative-time.tsx';
import { api, read } from '../../lib/api.ts';
import { count } from '../../lib/format.ts';

/** The PostgreSQL databases that host tenants, and whether each has what it needs. */
export function CellsTab() {
  return (
    <Needs permission="cells:read">
      <Cells />
    </Needs>
  );
}

function Cells() {
  const { data, error, refetch } = useQuery(read('listCells', {}));
  if (error && !data)
    return <ErrorAlert error={error} title="The cells could not be read" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton h="240px" rounded="lg" />;
  return (
    <Flex direction="column" gap="5" maxW="960px">
      {data.items.map((cell) => (
        <CellPanel key={cell.id} cell={cell} />
      ))}
    </Flex>
  );
}

function CellPanel({ cell }: { readonly cell: Cell }) {
  const check = useMutation({ mutationFn: () => api.call('checkCell', { params: { cell: cell.name } }) });
  return (
    <Panel
      title={cell.name}
      description={`PostgreSQL ${cell.serverVersion}, ${cell.kind}`}
      actions={
        <>
          {cell.isDefault && <Badge colorPalette="brand">default</Badge>}
          <Button
            size="xs"
            variant="outline"
            colorPalette="gray"
            loading={check.isPending}
            onClick={() => check.mutate()}
          >
            <Stethoscope aria-hidden /> Check
          </Button>
        </>
      }
    >
      <Details
        columns={2}
        items={[
          { name: 'Address', value: <Mono>{cell.host}</Mono> },
          { name: 'Control role', value: <Mono>{cell.login}</Mono> },
          { name: 'Tenants', value: count(cell.tenants) },
          { name: 'Spares ready', value: count(cell.spares) },
          { name: 'Lanes', value: cell.lanes.join(', ') },
          { name: 'Slots', value: count(cell.slots) },
          {
            name: 'Extensions',
            value: cell.allowedExtensions.length === 0 ? <None /> : cell.allowedExtensions.join(', '),
          },
          { name: 'Added', value: <ExactTime at={cell.createdAt} /> },
        ]}
      />
      <Box aria-live="polite" mt={check.data || check.error ? '4' : '0'}>
        {check.error && <ErrorAlert error={check.error} onRetry={() => check.mutate()} />}
        {check.data && <CheckResult check={check.data} />}
      </Box>
    </Panel>
  );
}

function CheckResult({ check }: { readonly check: CellCheck }) {
  return (
    <Box borderWidth="1px" rounded="md" overflow="hidden">
      {check.items.map(({ name, ok, severity, message, sql }) => (
        <Flex
          key={name}
          gap="2.5"
          px="3"
          py="2.5"
          borderBottomWidth="1px"
          borderColor="border.muted"
          _last={{ borderBottomWidth: 0 }}
        >
          <Box
            mt="0.5"
            color={ok ? 'fg.success' : severity === 'error' ? 'fg.error' : 'fg.warning'}
            role="img"
            aria-label={ok ? 'ok' : severity}
          >
            {ok ? (
              <CircleCheck size={14} />
            ) : severity === 'error' ? (
              <CircleX size={14} />
            ) : (
              <TriangleAlert size={14} />
            )}
          </Box>
          <Box flex="1" minW="0">
            <Text overflowWrap="anywhere">{message}</Text>
            {sql !== null && (
              <Box mt="2">
                <CodeBlock label="What mends it" code={sql} wrap />
              </Box>
            )}
          </Box>
        </Flex>
      ))}
    </Box>
  );
}

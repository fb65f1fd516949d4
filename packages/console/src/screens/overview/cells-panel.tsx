import { Box, Flex, Text } from '@chakra-ui/react';
import type { CellHealth } from '@tenantry/contract';
import { CircleCheck, CircleX } from 'lucide-react';
import { Panel } from '../../components/page.tsx';
import { compact, plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';

/** Whether each PostgreSQL answers, how fast, and how many of its connections are in use. */
export function CellsPanel({ cells }: { readonly cells: readonly CellHealth[] }) {
  return (
    <Panel title="Cells" description="The PostgreSQL databases that host the tenants" flush>
      <Box as="ul" listStyleType="none">
        {cells.map((cell) => (
          <CellRow key={cell.id} cell={cell} />
        ))}
      </Box>
    </Panel>
  );
}

function CellRow({ cell }: { readonly cell: CellHealth }) {
  const { name, up, ms, serverVersion, connections, tenants, spares, problem } = cell;
  return (
    <Box
      as="li"
      px="4"
      py="3"
      borderBottomWidth="1px"
      borderColor="border.muted"
      _last={{ borderBottomWidth: 0 }}
    >
      <Flex align="center" gap="2.5">
        <Box color={up ? 'fg.success' : 'fg.error'}>
          {up ? <CircleCheck size={16} aria-hidden /> : <CircleX size={16} aria-hidden />}
        </Box>
        <Text fontWeight="medium">{name}</Text>
        <Text color={up ? 'fg.muted' : 'fg.error'} fontSize="xs">
          {up ? `up${ms === null ? '' : `, answers in ${duration(ms)}`}` : 'down'}
        </Text>
        <Text ms="auto" color="fg.muted" fontSize="xs">
          {serverVersion !== null && `PostgreSQL ${serverVersion}`}
        </Text>
      </Flex>
      {problem !== null && (
        <Text color="fg.error" fontSize="sm" mt="1" overflowWrap="anywhere">
          {problem}
        </Text>
      )}
      <Flex columnGap="4" wrap="wrap" mt="1.5" ps="6.5" fontSize="xs" color="fg.muted">
        <span>{plural(tenants, 'tenant')}</span>
        <span>{plural(spares, 'spare')} ready</span>
        {connections && (
          <span>
            {compact(connections.used)} of {compact(connections.limit)} connections
          </span>
        )}
      </Flex>
    </Box>
  );
}

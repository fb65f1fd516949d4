import { Box, Flex, Skeleton, Text, chakra } from '@chakra-ui/react';
import type { PlaygroundResult, PlaygroundTenant } from '@tenantry/contract';
import { Ban, CircleCheck, TerminalSquare } from 'lucide-react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import type { Tried } from './playground.tsx';

interface PlaygroundAnswerProps {
  readonly tenant: PlaygroundTenant;
  readonly pending: boolean;
  readonly answer: Tried | undefined;
}

/** What PostgreSQL answered to one of the two. */
export function PlaygroundAnswer({ tenant, pending, answer }: PlaygroundAnswerProps) {
  return (
    <Panel
      title={`As ${tenant.slug}`}
      description={
        <>
          logged in as{' '}
          <Text as="span" fontFamily="mono">
            {tenant.schema}
          </Text>
        </>
      }
      flush
      data-answer={tenant.slug}
    >
      {pending ? (
        <Box p="4" role="status" aria-label={`Running as ${tenant.slug}`}>
          <Skeleton h="20" />
        </Box>
      ) : answer === undefined ? (
        <Flex align="center" gap="2.5" p="4" color="fg.muted">
          <TerminalSquare size={16} aria-hidden /> Run the statement to see what PostgreSQL answers.
        </Flex>
      ) : 'error' in answer ? (
        <Box p="4">
          <ErrorAlert error={answer.error} title="The statement was not run" />
        </Box>
      ) : answer.result.refused === null ? (
        <Rows result={answer.result} />
      ) : (
        <Refused refused={answer.result.refused} ms={answer.result.ms} />
      )}
    </Panel>
  );
}

function Refused({
  refused,
  ms,
}: {
  readonly refused: NonNullable<PlaygroundResult['refused']>;
  readonly ms: number;
}) {
  const { sqlState, condition, message, detail, hint, position } = refused;
  return (
    <Box bg="bg.error" p="4" data-refused={sqlState}>
      <Flex gap="3" align="flex-start">
        <Box color="fg.error" mt="0.5" flexShrink={0} aria-hidden>
          <Ban size={20} />
        </Box>
        <Box minW="0">
          <Text fontWeight="semibold" color="fg.error">
            PostgreSQL refused: {sqlState}
            {condition !== null && ` ${condition.replaceAll('_', ' ')}`}
          </Text>
          <Text mt="1" fontFamily="mono" fontSize="sm" overflowWrap="anywhere">
            ERROR: {message}
          </Text>
          {detail !== null && (
            <Text mt="1" fontSize="sm" overflowWrap="anywhere">
              {detail}
            </Text>
          )}
          {hint !== null && (
            <Text mt="1" fontSize="sm" color="fg.muted" overflowWrap="anywhere">
              {hint}
            </Text>
          )}
          <Text mt="2" fontSize="xs" color="fg.muted">
            {duration(ms)}
            {position !== null && `, at character ${position}`}
          </Text>
        </Box>
      </Flex>
    </Box>
  );
}

function Rows({ result }: { readonly result: PlaygroundResult }) {
  const { columns, rows, truncated, command, ms } = result;
  return (
    <>
      <Flex align="center" gap="2.5" px="4" py="2.5" borderBottomWidth="1px" bg="bg.success">
        <Box color="fg.success" aria-hidden>
          <CircleCheck size={16} />
        </Box>
        <Text color="fg.success" fontWeight="medium">
          {columns.length === 0 ? (command ?? 'Done') : plural(rows.length, 'row')}
          {truncated && ', and there is more'}
        </Text>
        <Text fontSize="xs" color="fg.muted" ms="auto">
          {duration(ms)}
        </Text>
      </Flex>
      {columns.length > 0 && (
        <Box
          overflow="auto"
          maxH="320px"
          tabIndex={0}
          role="region"
          aria-label={`Rows, ${columns.map(({ name }) => name).join(', ')}`}
          focusVisibleRing="inside"
        >
          <chakra.table w="full" fontSize="xs" fontFamily="mono" css={cells}>
            <thead>
              <tr>
                {columns.map(({ name, type }, at) => (
                  // Two columns of a query may have the same name.
                  // oxlint-disable-next-line react/no-array-index-key
                  <chakra.th key={at} scope="col" textAlign="start" title={type}>
                    {name}
                  </chakra.th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                // Rows of a query have no name of their own, and stay in their order.
                // oxlint-disable-next-line react/no-array-index-key
                <tr key={at}>
                  {row.map((value, column) => (
                    // oxlint-disable-next-line react/no-array-index-key
                    <chakra.td key={column} color={value === null ? 'fg.subtle' : undefined}>
                      {value ?? 'NULL'}
                    </chakra.td>
                  ))}
                </tr>
              ))}
            </tbody>
          </chakra.table>
        </Box>
      )}
    </>
  );
}

const cells = {
  borderCollapse: 'collapse',
  '& th, & td': {
    px: '4',
    py: '1.5',
    borderBottomWidth: '1px',
    borderColor: 'border.muted',
    whiteSpace: 'pre',
    verticalAlign: 'top',
  },
  '& thead th': { color: 'fg.muted', fontWeight: 'medium', bg: 'bg.panel', position: 'sticky', top: '0' },
  '& tbody tr:last-of-type > *': { borderBottomWidth: '0' },
};

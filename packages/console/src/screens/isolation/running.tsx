import { Box, Flex, Link as ChakraLink, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { IsolationRun } from '@tenantry/contract';
import { Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { StepTimeline } from '../../components/step-timeline.tsx';
import { read } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';
import { duration } from '../../lib/time.ts';
import { partWords } from './words.ts';

const triggerWords = { schedule: 'by schedule', change: 'after a change', request: 'on demand' } as const;

/** The last runs, newest first; the one that is running with its steps as they happen. */
export function Runs() {
  const { data } = useQuery(read('listIsolationRuns', { query: { limit: 6 } }));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title="Runs" flush>
      <Box as="ol" listStyleType="none" aria-label="Runs">
        {data.items.map((run) => (
          <RunItem key={run.id} run={run} />
        ))}
      </Box>
    </Panel>
  );
}

function RunItem({ run }: { readonly run: IsolationRun }) {
  const isUnderWay = run.state === 'running' || run.state === 'queued';
  return (
    <Box
      as="li"
      borderTopWidth="1px"
      borderColor="border.muted"
      _first={{ borderTopWidth: '0' }}
      px="4"
      py="2.5"
      data-run={run.id}
    >
      <Flex columnGap="3" rowGap="1" align="center" wrap="wrap">
        <StateBadge {...badgeOf(run)} />
        <Text fontWeight="medium">{run.parts.map((part) => partWords[part].name).join(', ')}</Text>
        <Text color="fg.muted" fontSize="xs">
          {triggerWords[run.trigger]}
          {run.trigger === 'request' && ` by ${run.actor.name}`}
        </Text>
        <Flex ms="auto" gap="3" color="fg.muted" fontSize="xs" align="center" wrap="wrap">
          <Changes run={run} />
          {run.ms !== null && <span data-numeric>{duration(run.ms)}</span>}
          <RelativeTime at={run.finishedAt ?? run.createdAt} />
          <ChakraLink asChild color="brand.fg">
            <Link
              to="/operations/$operation"
              params={{ operation: run.operation }}
              aria-label={`Operation of the run ${run.id}`}
            >
              Operation
            </Link>
          </ChakraLink>
        </Flex>
      </Flex>
      {isUnderWay && <Steps operation={run.operation} />}
    </Box>
  );
}

/** What ended well has still found something, or not. */
function badgeOf({ state, clean, findings }: IsolationRun): {
  readonly state: string;
  readonly label?: string;
} {
  if (state !== 'succeeded') return { state };
  return clean === true
    ? { state: 'passed', label: 'Nothing found' }
    : { state: 'failing', label: plural(findings.seen, 'finding') };
}

function Changes({ run: { findings } }: { readonly run: IsolationRun }) {
  return (
    <>
      {findings.opened > 0 && <Text color="fg.error">{findings.opened} newly failing</Text>}
      {findings.resolved > 0 && <Text color="fg.success">{findings.resolved} fixed</Text>}
    </>
  );
}

function Steps({ operation }: { readonly operation: string }) {
  const { data } = useQuery(read('getOperation', { params: { operation } }));
  if (data === undefined) return null;
  return (
    <Box mt="3" ps="1" maxW="720px">
      <StepTimeline operation={data} />
    </Box>
  );
}

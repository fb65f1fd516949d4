import { Box, Button, Flex, Grid, Skeleton } from '@chakra-ui/react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import type { Operation } from '@tenantry/contract';
import { Ban, ChevronLeft, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Mono } from '../../components/code-block.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { ExactTime, None } from '../../components/relative-time.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { OperationFailure, StepTimeline } from '../../components/step-timeline.tsx';
import { api, keyOf, read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { duration } from '../../lib/time.ts';
import { useElapsed } from '../../lib/use-elapsed.ts';
import { kindName } from './kinds.ts';
import { TenantLink } from './tenant-link.tsx';

const route = getRouteApi('/shell/operations/$operation');

/** One operation, watched while it runs. */
export function OperationScreen() {
  const { operation: id } = route.useParams();
  const { data, error, refetch } = useQuery(read('getOperation', { params: { operation: id } }));
  const title = data ? `${kindName(data.kind)} ${data.tenantSlug ?? data.tenantId ?? ''}` : 'Operation';
  return (
    <Page
      title={title}
      above={<BackLink />}
      beside={data && <StateBadge state={data.state} size="md" />}
      actions={data && <OperationActions operation={data} />}
    >
      <Needs permission="operations:read">
        {error && !data ? (
          <ErrorAlert error={error} title="The operation could not be read" onRetry={() => void refetch()} />
        ) : data ? (
          <Grid templateColumns={{ base: '1fr', lg: 'minmax(0, 1fr) 360px' }} gap="5" alignItems="start">
            <Panel title="Steps">
              <Flex direction="column" gap="4">
                {data.error && !data.steps.some((step) => step.error) && (
                  <OperationFailure error={data.error} />
                )}
                <StepTimeline operation={data} />
              </Flex>
            </Panel>
            <Panel title="About">
              <Facts operation={data} />
            </Panel>
          </Grid>
        ) : (
          <Skeleton h="240px" rounded="lg" />
        )}
      </Needs>
    </Page>
  );
}

function BackLink() {
  return (
    <Box mb="2" ms="-2">
      <Button asChild size="xs" variant="ghost" colorPalette="gray" color="fg.muted">
        <Link to="/operations">
          <ChevronLeft aria-hidden /> Operations
        </Link>
      </Button>
    </Box>
  );
}

function Facts({ operation }: { readonly operation: Operation }) {
  const unfinished = operation.finishedAt === null;
  const elapsed = useElapsed(unfinished ? operation.createdAt : null);
  const took = operation.ms ?? elapsed;
  return (
    <Details
      items={[
        { name: 'Tenant', value: <TenantLink id={operation.tenantId} slug={operation.tenantSlug} /> },
        { name: unfinished ? 'Running for' : 'Took', value: took === null ? <None /> : duration(took) },
        { name: 'Started', value: <ExactTime at={operation.createdAt} /> },
        { name: 'Ended', value: <ExactTime at={operation.finishedAt} /> },
        { name: 'By', value: <bdi>{operation.actor.name}</bdi> },
        { name: 'Attempt', value: operation.attempt },
        { name: 'Id', value: <Mono copy="operation id">{operation.id}</Mono> },
        {
          name: 'Request',
          value:
            operation.requestId === null ? <None /> : <Mono copy="request id">{operation.requestId}</Mono>,
        },
      ]}
    />
  );
}

/** Cancel and retry, as the state and the role allow. */
export function OperationActions({ operation }: { readonly operation: Operation }) {
  const can = useCan();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<'cancel' | 'retry'>();
  if (!can('operations:write')) return null;
  const call = (name: 'cancelOperation' | 'retryOperation') => async () => {
    const input = { params: { operation: operation.id } };
    queries.setQueryData(keyOf('getOperation', input), await api.call(name, input));
  };
  const cancellable =
    (operation.state === 'queued' || operation.state === 'running') && operation.kind !== 'tenant.purge';
  const retryable = operation.state === 'failed' || operation.state === 'cancelled';
  return (
    <>
      {cancellable && (
        <Button size="sm" variant="outline" colorPalette="red" onClick={() => setAsking('cancel')}>
          <Ban aria-hidden /> Cancel
        </Button>
      )}
      {retryable && (
        <Button size="sm" onClick={() => setAsking('retry')}>
          <RotateCw aria-hidden /> Retry
        </Button>
      )}
      <Confirm
        open={asking === 'cancel'}
        onClose={() => setAsking(undefined)}
        title="Cancel the operation?"
        effects={[
          'It stops at the next safe point, and what was done so far is undone.',
          'It can be retried afterwards.',
        ]}
        action="Cancel the operation"
        destructive
        onConfirm={call('cancelOperation')}
      />
      <Confirm
        open={asking === 'retry'}
        onClose={() => setAsking(undefined)}
        title="Run it again?"
        effects={[
          'Every step runs again, from the first one, with what is configured now.',
          ...(operation.kind === 'tenant.provision'
            ? ['A new attempt is a new tenant id: names of roles are never used twice.']
            : []),
        ]}
        action="Run again"
        onConfirm={call('retryOperation')}
      />
    </>
  );
}

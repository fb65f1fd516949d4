import { Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Operation } from '@tenantry/contract';
import { CircleCheck } from 'lucide-react';
import { useEffect } from 'react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { OperationFailure, StepTimeline } from '../../components/step-timeline.tsx';
import { read } from '../../lib/api.ts';
import { duration } from '../../lib/time.ts';
import { useElapsed } from '../../lib/use-elapsed.ts';
import { OperationActions } from '../operations/operation-screen.tsx';

interface RunStepProps {
  readonly operation: string;
  /** Begins another tenant. */
  readonly onAnother: () => void;
  /** Back to the form, with what was typed. */
  readonly onEdit: () => void;
  /** The tenant is there: what was typed is no draft any more. */
  readonly onDone: () => void;
}

/** The provisioning as it happens; on failure the rollback, and the way to try again. */
export function RunStep({ operation: id, onAnother, onEdit, onDone }: RunStepProps) {
  const { data, error, refetch } = useQuery(read('getOperation', { params: { operation: id } }));
  const succeeded = data?.state === 'succeeded';
  useEffect(() => {
    if (succeeded) onDone();
  }, [succeeded, onDone]);
  if (error && !data)
    return (
      <ErrorAlert error={error} title="The operation could not be read" onRetry={() => void refetch()} />
    );
  if (!data) return <Skeleton h="280px" rounded="lg" />;
  return (
    <Flex direction="column" gap="5">
      <Panel
        title={`Provisioning ${data.tenantSlug ?? ''}`}
        description="It runs on the server: you can leave this page and find it under Operations."
        actions={
          <Flex align="center" gap="3">
            <Elapsed operation={data} />
            <StateBadge state={data.state} data-operation-state={data.state} />
          </Flex>
        }
      >
        <Flex direction="column" gap="4">
          {data.error && !data.steps.some((step) => step.error) && <OperationFailure error={data.error} />}
          <StepTimeline operation={data} />
        </Flex>
      </Panel>
      <Outcome operation={data} onAnother={onAnother} onEdit={onEdit} />
    </Flex>
  );
}

function Elapsed({ operation }: { readonly operation: Operation }) {
  const running = useElapsed(
    operation.finishedAt === null && operation.ms === null ? operation.createdAt : null,
  );
  const ms = operation.ms ?? running;
  return (
    <Text color="fg.muted" data-numeric>
      {ms === null ? '' : duration(ms)}
    </Text>
  );
}

interface OutcomeProps {
  readonly operation: Operation;
  readonly onAnother: () => void;
  readonly onEdit: () => void;
}

function Outcome({ operation, onAnother, onEdit }: OutcomeProps) {
  const { state, tenantId } = operation;
  if (state === 'succeeded') {
    return (
      <Flex gap="3" align="center" wrap="wrap" role="status">
        <Flex color="fg.success" align="center" gap="2" fontWeight="medium" me="auto">
          <CircleCheck size={18} aria-hidden /> The tenant is active.
        </Flex>
        <Button size="sm" variant="outline" colorPalette="gray" onClick={onAnother}>
          Provision another
        </Button>
        {tenantId !== null && (
          <Button asChild size="sm">
            <Link to="/tenants/$tenant" params={{ tenant: tenantId }}>
              Open the tenant
            </Link>
          </Button>
        )}
      </Flex>
    );
  }
  const failed = state === 'failed' || state === 'cancelled';
  return (
    <Flex gap="3" align="center" wrap="wrap">
      <Text role="status" me="auto" color="fg.muted" maxW="60ch">
        {failed &&
          'Nothing is left of it in PostgreSQL. Correct the cause, then retry; or change what you asked for.'}
      </Text>
      {failed && (
        <Button size="sm" variant="outline" colorPalette="gray" onClick={onEdit}>
          Change the request
        </Button>
      )}
      <OperationActions operation={operation} />
    </Flex>
  );
}

import { Box, Flex, Grid, Link as ChakraLink, Skeleton } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Overview } from '@tenantry/contract';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { read } from '../../lib/api.ts';
import { AuditList } from './audit-list.tsx';
import { CellsPanel } from './cells-panel.tsx';
import { OperationsPanel } from './operations-panel.tsx';
import { StatusStrip } from './status-strip.tsx';
import { FirstSteps } from './first-steps.tsx';
import { StatesPanel, VersionsPanel } from './tenants-panels.tsx';

/** "Is anything wrong?" */
export function OverviewScreen() {
  const { data, error, refetch } = useQuery({ ...read('getOverview', {}), refetchInterval: 30_000 });
  return (
    <Page
      title="Overview"
      beside={
        data && (
          <Box color="fg.muted" fontSize="xs">
            as of <RelativeTime at={data.asOf} />
          </Box>
        )
      }
    >
      <Needs permission="tenants:read">
        {error && (
          <Box mb="4">
            <ErrorAlert
              error={error}
              title={data ? 'What is shown is old' : 'The overview could not be read'}
              onRetry={() => void refetch()}
            />
          </Box>
        )}
        {data ? <Content overview={data} /> : !error && <Loading />}
      </Needs>
    </Page>
  );
}

function Content({ overview }: { readonly overview: Overview }) {
  const { tenants, schemaVersions, operations, cells, audit } = overview;
  if (tenants.total === 0) return <FirstSteps />;
  return (
    <Flex direction="column" gap="5">
      <StatusStrip overview={overview} />
      <Grid templateColumns={{ base: '1fr', lg: 'repeat(2, minmax(0, 1fr))' }} gap="5" alignItems="start">
        <Flex direction="column" gap="5" minW="0">
          <StatesPanel byState={tenants.byState} total={tenants.total} />
          <VersionsPanel versions={schemaVersions} />
          {cells && <CellsPanel cells={cells} />}
        </Flex>
        <Flex direction="column" gap="5" minW="0">
          {operations && <OperationsPanel operations={operations} />}
          {audit && (
            <Panel
              title="Latest changes"
              flush
              actions={
                <ChakraLink asChild fontSize="sm" color="fg.muted">
                  <Link to="/audit">Audit trail</Link>
                </ChakraLink>
              }
            >
              <AuditList events={audit} />
            </Panel>
          )}
        </Flex>
      </Grid>
    </Flex>
  );
}

function Loading() {
  return (
    <Flex role="status" aria-label="Loading the overview" direction="column" gap="5">
      <Grid templateColumns={{ base: 'repeat(2, 1fr)', lg: 'repeat(4, 1fr)' }} gap="3">
        {['isolation', 'tenants', 'operations', 'cells'].map((name) => (
          <Skeleton key={name} h="102px" rounded="lg" />
        ))}
      </Grid>
      <Grid templateColumns={{ base: '1fr', lg: 'repeat(2, 1fr)' }} gap="5">
        <Skeleton h="280px" rounded="lg" />
        <Skeleton h="280px" rounded="lg" />
      </Grid>
    </Flex>
  );
}

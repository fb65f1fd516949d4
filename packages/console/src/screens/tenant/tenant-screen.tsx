import { Box, Button, Flex, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi } from '@tanstack/react-router';
import { ApiError, type Tenant } from '@tenantry/contract';
import { Building2, ChevronLeft } from 'lucide-react';
import { Mono } from '../../components/code-block.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TabNav } from '../../components/tab-nav.tsx';
import { read } from '../../lib/api.ts';
import { utcTime } from '../../lib/time.ts';
import { LifecycleButtons } from './lifecycle-buttons.tsx';

const route = getRouteApi('/shell/tenants/$tenant');

/** One tenant: its state and what can be done about it, and its parts. */
export function TenantScreen() {
  const { tenant: ref } = route.useParams();
  const { data, error, refetch } = useQuery(read('getTenant', { params: { tenant: ref } }));
  if (error instanceof ApiError && error.problem.code === 'TENANT_NOT_FOUND')
    return <NoSuchTenant tenant={ref} />;
  return (
    <Page
      title={data?.name ?? 'Tenant'}
      above={<BackLink />}
      beside={data && <StateBadge state={data.state} size="md" data-tenant-state={data.state} />}
      description={data && <Identity tenant={data} />}
      actions={data && <LifecycleButtons tenant={data} />}
    >
      <Needs permission="tenants:read">
        {error && !data ? (
          <ErrorAlert error={error} title="The tenant could not be read" onRetry={() => void refetch()} />
        ) : data ? (
          <>
            <StateNotice tenant={data} />
            <Tabs tenant={ref} />
            <Outlet />
          </>
        ) : (
          <Skeleton h="320px" rounded="lg" />
        )}
      </Needs>
    </Page>
  );
}

function Tabs({ tenant }: { readonly tenant: string }) {
  const params = { tenant };
  return (
    <TabNav
      label="Parts of the tenant"
      tabs={[
        { to: '/tenants/$tenant', params, label: 'Overview', exact: true },
        { to: '/tenants/$tenant/schema', params, label: 'Schema' },
        { to: '/tenants/$tenant/security', params, label: 'Security' },
        { to: '/tenants/$tenant/activity', params, label: 'Activity' },
        { to: '/tenants/$tenant/settings', params, label: 'Settings' },
      ]}
    />
  );
}

function Identity({ tenant }: { readonly tenant: Tenant }) {
  return (
    <Flex columnGap="4" rowGap="0.5" wrap="wrap" align="center" fontSize="sm">
      {tenant.slug !== null && tenant.slug !== tenant.name && (
        <Text as="span" overflowWrap="anywhere">
          {tenant.slug}
        </Text>
      )}
      <Mono copy="tenant id">{tenant.id}</Mono>
    </Flex>
  );
}

/** What a state that is not "active" means for this tenant. */
function StateNotice({ tenant }: { readonly tenant: Tenant }) {
  const text = noticeOf(tenant);
  if (text === undefined) return null;
  return (
    <Box
      colorPalette={tenant.state}
      bg="colorPalette.subtle"
      color="colorPalette.fg"
      rounded="md"
      px="4"
      py="2.5"
      mb="4"
      role="status"
    >
      {text}
      {tenant.stateReason !== null && (
        <>
          {' '}
          Reason: <bdi>{tenant.stateReason}</bdi>
        </>
      )}
    </Box>
  );
}

function noticeOf({ state, purgeAfter }: Tenant): string | undefined {
  switch (state) {
    case 'suspended':
      return 'PostgreSQL refuses every connection of this tenant until it is resumed.';
    case 'archived':
      return 'The data is kept; nobody can connect.';
    case 'deleting':
      return purgeAfter === null
        ? 'Nobody can connect; the tenant is about to be purged.'
        : `Nobody can connect. It is purged after ${utcTime(purgeAfter)}, unless it is resumed before.`;
    case 'deleted':
      return 'This tenant was purged. Its audit trail is what remains.';
    case 'provisioning':
      return 'It is being made. It can be reached when it is active.';
    case 'failed':
      return 'It could not be made, and what was begun is being removed.';
    case 'active':
      return undefined;
    default:
      return state satisfies never;
  }
}

function BackLink() {
  return (
    <Box mb="2" ms="-2">
      <Button asChild size="xs" variant="ghost" colorPalette="gray" color="fg.muted">
        <Link to="/tenants">
          <ChevronLeft aria-hidden /> Tenants
        </Link>
      </Button>
    </Box>
  );
}

function NoSuchTenant({ tenant }: { readonly tenant: string }) {
  return (
    <Page title="Tenant not found" above={<BackLink />}>
      <EmptyState
        icon={Building2}
        title="There is no such tenant"
        action={
          <Button asChild size="sm" variant="outline" colorPalette="gray">
            <Link to="/tenants" search={{ q: tenant }}>
              Look for it in the list
            </Link>
          </Button>
        }
      >
        Nothing is called <bdi>{tenant}</bdi> that you may see.
      </EmptyState>
    </Page>
  );
}

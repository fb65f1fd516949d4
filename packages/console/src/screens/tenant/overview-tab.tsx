import { Flex, Grid, Link as ChakraLink } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Tenant } from '@tenantry/contract';
import { Mono } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { Panel } from '../../components/page.tsx';
import { ExactTime, None } from '../../components/relative-time.tsx';
import { Stat } from '../../components/stat.tsx';
import { read } from '../../lib/api.ts';
import { bytes, compact, plural } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { Labels } from '../tenants/columns.tsx';
import { Timeline } from './timeline.tsx';
import { useTenant } from './use-tenant.ts';

/** The tenant at a glance: what it is, how large, how current, and what happened last. */
export function OverviewTab() {
  const tenant = useTenant();
  const can = useCan();
  return (
    <Flex direction="column" gap="5">
      <Numbers tenant={tenant} />
      <Grid templateColumns={{ base: '1fr', lg: 'minmax(0, 1fr) minmax(0, 1fr)' }} gap="5" alignItems="start">
        <Panel title="About">
          <Details
            items={[
              { name: 'Name', value: <bdi>{tenant.name}</bdi> },
              { name: 'Slug', value: tenant.slug ?? <None /> },
              { name: 'Plan', value: tenant.plan },
              { name: 'Labels', value: <Labels labels={tenant.labels} all /> },
              { name: 'Cell', value: tenant.cell },
              { name: 'Schema and login', value: <Mono copy="schema name">{tenant.schema}</Mono> },
              { name: 'Isolation', value: tenant.isolation },
              { name: 'Created', value: <ExactTime at={tenant.createdAt} /> },
              { name: 'Active since', value: <ExactTime at={tenant.activatedAt} /> },
              { name: 'Changed', value: <ExactTime at={tenant.updatedAt} /> },
            ]}
          />
        </Panel>
        {can('operations:read') && (
          <Panel
            title="Last activity"
            flush
            actions={
              <ChakraLink asChild fontSize="sm" color="fg.muted">
                <Link to="/tenants/$tenant/activity" params={{ tenant: tenant.id }}>
                  All activity
                </Link>
              </ChakraLink>
            }
          >
            <Timeline tenant={tenant.id} limit={6} />
          </Panel>
        )}
      </Grid>
    </Flex>
  );
}

function Numbers({ tenant }: { readonly tenant: Tenant }) {
  const params = { tenant: tenant.id };
  const there = tenant.state !== 'deleted' && tenant.state !== 'provisioning' && tenant.state !== 'failed';
  const tables = useQuery({ ...read('listTenantTables', { params }), enabled: there });
  const migrations = useQuery({ ...read('listTenantMigrations', { params }), enabled: there });
  const access = useQuery({ ...read('getTenantAccess', { params }), enabled: there });
  if (!there) return null;
  const behind = migrations.data?.behind ?? 0;
  const drifted = migrations.data?.drifted ?? 0;
  return (
    <Grid templateColumns={{ base: 'repeat(2, minmax(0, 1fr))', lg: 'repeat(4, minmax(0, 1fr))' }} gap="3">
      <Stat label="Size" value={tables.data && `~${bytes(tables.data.bytes)}`} failed={tables.isError}>
        {tables.data && plural(tables.data.items.length, 'table')}
      </Stat>
      <Stat
        label="Rows"
        value={
          tables.data && `~${compact(tables.data.items.reduce((sum, { rows }) => sum + (rows ?? 0), 0))}`
        }
        failed={tables.isError}
      >
        PostgreSQL’s estimate
      </Stat>
      <Stat
        label="Schema version"
        value={migrations.data && (migrations.data.schemaVersion ?? 'none')}
        failed={migrations.isError}
        tone={drifted > 0 ? 'bad' : behind > 0 ? 'warn' : undefined}
      >
        {drifted > 0
          ? `${plural(drifted, 'migration')} drifted`
          : behind > 0
            ? `${behind} behind`
            : 'up to date'}
      </Stat>
      <Stat
        label="Sessions now"
        value={access.data && compact(access.data.sessions.length)}
        failed={access.isError}
        tone={access.data && access.data.readers.length > 0 ? 'warn' : undefined}
      >
        {access.data &&
          (access.data.readers.length > 0
            ? `${plural(access.data.readers.length, 'break-glass reader')} open`
            : `by ${access.data.lanes.join(' or ')} lane`)}
      </Stat>
    </Grid>
  );
}

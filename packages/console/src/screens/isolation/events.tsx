import { Box, Button, Code, Flex, Text } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { securityEventKinds, type SecurityEvent } from '@tenantry/contract';
import { Radio, SearchX, X } from 'lucide-react';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import type { DataColumn } from '../../components/data-table/types.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { None, RelativeTime } from '../../components/relative-time.tsx';
import { read } from '../../lib/api.ts';
import { count } from '../../lib/format.ts';
import { staleOn } from '../../lib/live/patches.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { IsolationFrame } from './frame.tsx';
import type { EventsSearch } from './search.ts';
import { kindWords } from './words.ts';

staleOn('security', ['listSecurityEvents']);

const sourceWords = { lane: 'application', log: 'PostgreSQL log', 'control-plane': 'control plane' } as const;

const columns: readonly DataColumn<SecurityEvent>[] = [
  {
    id: 'kind',
    header: 'What was refused',
    cell: ({ kind }) => (
      <Box minW="0">
        <Text truncate fontWeight="medium">
          {kindWords[kind].name}
        </Text>
        <Text truncate fontSize="xs" color="fg.muted" title={kindWords[kind].means}>
          {kindWords[kind].means}
        </Text>
      </Box>
    ),
    width: '34%',
    card: 'title',
  },
  {
    id: 'tenant',
    header: 'Tenant',
    cell: ({ tenantId, tenantSlug }) =>
      tenantId === null ? (
        <None />
      ) : (
        <Link to="/tenants/$tenant" params={{ tenant: tenantId }}>
          <Text as="span" color="brand.fg">
            {tenantSlug ?? tenantId}
          </Text>
        </Link>
      ),
    width: '16%',
  },
  {
    id: 'sqlState',
    header: 'SQLSTATE',
    cell: ({ sqlState }) => (sqlState === null ? <None /> : <Code size="sm">{sqlState}</Code>),
    width: '10%',
  },
  {
    id: 'source',
    header: 'Seen by',
    cell: ({ source, lane }) => sourceWords[source] + (lane === null ? '' : `, ${lane}`),
    width: '16%',
  },
  { id: 'count', header: 'Times', cell: ({ count: times }) => count(times), align: 'end', width: '8%' },
  {
    id: 'last',
    header: 'Last',
    cell: ({ lastAt }) => <RelativeTime at={lastAt} />,
    width: '12%',
    card: 'badge',
  },
];

/** Everything that was refused, as it happens: by the libraries in applications, by PostgreSQL, by the control plane. */
export function EventsScreen() {
  return (
    <IsolationFrame tab="Live events">
      <Events />
    </IsolationFrame>
  );
}

function Events() {
  const [search, setSearch] = useScreenSearch<EventsSearch>();
  const { kind, tenant, sqlState, cursor, limit } = search;
  const query = useQuery({
    ...read('listSecurityEvents', { query: { kind, tenant, sqlState, cursor, limit } }),
    placeholderData: keepPreviousData,
  });
  const filter = (change: Partial<EventsSearch>) => setSearch(fromFirstPage(change));
  const isFiltered = kind !== undefined || tenant !== undefined || sqlState !== undefined;
  const clear = () => filter({ kind: undefined, tenant: undefined, sqlState: undefined });
  return (
    <>
      <Flex gap="2" mb="3" wrap="wrap" align="center">
        <FilterMenu
          label="Kind"
          single
          options={securityEventKinds.map((value) => ({ value, label: kindWords[value].name }))}
          selected={kind === undefined ? [] : [kind]}
          onChange={([value]) => filter({ kind: value as EventsSearch['kind'] })}
        />
        {[
          { name: 'tenant', value: tenant },
          { name: 'sqlState', value: sqlState },
        ].map(
          ({ name, value }) =>
            value !== undefined && (
              <Button
                key={name}
                size="sm"
                variant="subtle"
                colorPalette="brand"
                onClick={() => filter({ [name]: undefined })}
              >
                {name}: {value} <X aria-label={`Remove the filter ${name}`} />
              </Button>
            ),
        )}
        {isFiltered && (
          <Button size="sm" variant="ghost" colorPalette="gray" onClick={clear}>
            Clear filters
          </Button>
        )}
        <Text color="fg.muted" fontSize="xs" ms={{ md: 'auto' }}>
          New ones appear by themselves. Equal refusals of one minute stand together; no statement is kept.
        </Text>
      </Flex>
      <DataTable<SecurityEvent>
        label="Security events"
        noun="event"
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        position={search}
        onMove={(next) => setSearch(pageAt(next))}
        empty={
          isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="No event fits these filters"
              action={
                <Button size="sm" variant="outline" colorPalette="gray" onClick={clear}>
                  Clear filters
                </Button>
              }
            />
          ) : (
            <EmptyState icon={Radio} title="Nothing has been refused">
              Denied statements, foreign names, role switches and refused logins appear here within seconds.
              Try one in the{' '}
              <Link to="/docs/playground">
                <Text as="span" color="brand.fg" textDecoration="underline">
                  playground
                </Text>
              </Link>
              .
            </EmptyState>
          )
        }
      />
    </>
  );
}

import { Button, Code, Flex } from '@chakra-ui/react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { findingSeverities, findingStates, type Finding } from '@tenantry/contract';
import { CircleCheck, SearchX, X } from 'lucide-react';
import { useState } from 'react';
import { Confirm } from '../../components/confirm.tsx';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { SearchInput } from '../../components/search-input.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { notify } from '../../components/toaster.tsx';
import { api, read } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { AcceptDialog } from './accept-dialog.tsx';
import { FindingState, findingColumns } from './columns.tsx';
import { FindingDetails } from './finding-details.tsx';
import { IsolationFrame } from './frame.tsx';
import { reloadIsolation } from './reload.ts';
import type { FindingsSearch } from './search.ts';

const noFilters = {
  state: undefined,
  severity: undefined,
  check: undefined,
  tenant: undefined,
  q: undefined,
  cursor: undefined,
  page: undefined,
} satisfies Partial<FindingsSearch>;

/** What weakens isolation, or did: nothing is ever deleted from this list. */
export function FindingsScreen() {
  return (
    <IsolationFrame tab="Findings">
      <Findings />
    </IsolationFrame>
  );
}

function Findings() {
  const [search, setSearch] = useScreenSearch<FindingsSearch>();
  const { state, severity, check, tenant, q, sort, cursor, limit } = search;
  const query = useQuery({
    ...read('listFindings', { query: { state, severity, check, tenant, q, sort, cursor, limit } }),
    placeholderData: keepPreviousData,
  });
  const filter = (change: Partial<FindingsSearch>) => setSearch(fromFirstPage(change));
  const isFiltered = [state, severity, check, tenant, q].some((value) => value !== undefined);
  return (
    <>
      <Flex gap="2" mb="3" wrap="wrap" align="center">
        <SearchInput
          label="Search findings"
          placeholder="Subject or message"
          value={q ?? ''}
          onSearch={(text) => filter({ q: text === '' ? undefined : text })}
        />
        <FilterMenu
          label="State"
          options={findingStates.map((value) => ({ value }))}
          selected={state?.split(',') ?? []}
          onChange={(states) => filter({ state: states.length === 0 ? undefined : states.join(',') })}
        />
        <FilterMenu
          label="Severity"
          options={findingSeverities.map((value) => ({ value }))}
          selected={severity?.split(',') ?? []}
          onChange={(some) => filter({ severity: some.length === 0 ? undefined : some.join(',') })}
        />
        {[
          { name: 'check', value: check },
          { name: 'tenant', value: tenant },
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
          <Button size="sm" variant="ghost" colorPalette="gray" onClick={() => setSearch(noFilters)}>
            Clear filters
          </Button>
        )}
      </Flex>
      <DataTable<Finding>
        label="Findings"
        noun="finding"
        columns={findingColumns}
        query={query}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({
          to: '.',
          search: ((before: FindingsSearch) => ({ ...before, finding: id })) as never,
        })}
        sort={sort ?? 'severity'}
        onSort={(next) =>
          filter({ sort: (next === '-severity' ? 'severity' : next) as FindingsSearch['sort'] })
        }
        position={search}
        onMove={(next) => setSearch(pageAt(next))}
        empty={
          isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="No finding fits these filters"
              action={
                <Button size="sm" variant="outline" colorPalette="gray" onClick={() => setSearch(noFilters)}>
                  Clear filters
                </Button>
              }
            />
          ) : (
            <EmptyState icon={CircleCheck} title="Nothing is open">
              What is found stands here until it is mended, or accepted. Resolved findings are kept: choose{' '}
              <Code>resolved</Code> under State.
            </EmptyState>
          )
        }
      />
      <FindingDrawer id={search.finding} onClose={() => setSearch({ finding: undefined })} />
    </>
  );
}

function FindingDrawer({ id, onClose }: { readonly id: string | undefined; readonly onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    ...read('getFinding', { params: { finding: id ?? '' } }),
    enabled: id !== undefined,
  });
  const [dialog, setDialog] = useState<'accept' | 'reopen'>();
  const can = useCan();
  const queries = useQueryClient();
  const reopen = async (reason: string | undefined) => {
    await api.call('reopenFinding', {
      params: { finding: id ?? '' },
      body: reason === undefined ? {} : { reason },
    });
    await reloadIsolation(queries);
    notify({ title: 'Reopened', description: 'The verdict counts it again.' });
  };
  const footer =
    data === undefined || !can('isolation:accept') ? undefined : data.state === 'open' ? (
      <Button size="sm" variant="outline" colorPalette="gray" onClick={() => setDialog('accept')}>
        Accept until a day…
      </Button>
    ) : data.state === 'accepted' ? (
      <Button size="sm" variant="outline" colorPalette="gray" onClick={() => setDialog('reopen')}>
        Reopen…
      </Button>
    ) : undefined;
  return (
    <>
      <DetailDrawer
        open={id !== undefined}
        onClose={onClose}
        title={data?.title ?? 'Finding'}
        beside={
          data && (
            <>
              <StateBadge state={data.severity} />
              <FindingState finding={data} />
            </>
          )
        }
        footer={footer}
      >
        {error && (
          <ErrorAlert error={error} title="The finding could not be read" onRetry={() => void refetch()} />
        )}
        {data && <FindingDetails finding={data} />}
      </DetailDrawer>
      <AcceptDialog finding={data} open={dialog === 'accept'} onClose={() => setDialog(undefined)} />
      <Confirm
        open={dialog === 'reopen'}
        onClose={() => setDialog(undefined)}
        title="Reopen this finding"
        effects={['Its acceptance ends now.', 'The verdict counts it again until it is mended.']}
        reason="optional"
        action="Reopen finding"
        onConfirm={({ reason }) => reopen(reason)}
      />
    </>
  );
}

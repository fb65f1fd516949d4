import { Button, Flex } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { operationKinds, operationStates, type ListOperations, type OperationKind } from '@tenantry/contract';
import { Activity, SearchX, X } from 'lucide-react';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { Needs } from '../../components/forbidden.tsx';
import { Page } from '../../components/page.tsx';
import { SettledInput } from '../../components/settled-input.tsx';
import { StateIcon } from '../../components/state-badge.tsx';
import { read } from '../../lib/api.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { operationColumns } from './columns.tsx';
import { kindName } from './kinds.ts';
import type { OperationsSearch } from './routes.ts';

/** Everything that takes longer than an answer: what runs, what failed, how long it took. */
export function OperationsScreen() {
  return (
    <Page
      title="Operations"
      description="Everything that runs on the server: provisioning, purges and what else takes steps."
    >
      <Needs permission="operations:read">
        <OperationList />
      </Needs>
    </Page>
  );
}

function OperationList() {
  const [search, setSearch] = useScreenSearch<OperationsSearch>();
  const { page, ...query } = search;
  const operations = useQuery({
    ...read('listOperations', { query: queryOf(query) }),
    placeholderData: keepPreviousData,
  });
  const filter = (change: Partial<OperationsSearch>) => setSearch(fromFirstPage(change));
  const clear = () => filter({ state: undefined, kind: undefined, tenant: undefined });
  const filtered = (search.state ?? search.kind ?? search.tenant) !== undefined;
  return (
    <>
      <Flex gap="2" mb="3" wrap="wrap">
        <SettledInput
          label="Tenant"
          placeholder="Tenant: slug or id"
          value={search.tenant ?? ''}
          onSettle={(tenant) => filter({ tenant: tenant === '' ? undefined : tenant })}
        />
        <FilterMenu
          label="State"
          options={operationStates.map((value) => ({
            value,
            label: (
              <Flex as="span" gap="2" align="center">
                <StateIcon state={value} size={14} /> {value}
              </Flex>
            ),
          }))}
          selected={search.state?.split(',') ?? []}
          onChange={(chosen) => filter({ state: chosen.length === 0 ? undefined : chosen.join(',') })}
        />
        <FilterMenu
          label="Kind"
          single
          options={operationKinds.map((value) => ({ value, label: kindName(value) }))}
          selected={search.kind === undefined ? [] : [search.kind]}
          onChange={([kind]) => filter({ kind: kind as OperationKind | undefined })}
        />
        {filtered && (
          <Button size="sm" variant="ghost" colorPalette="gray" color="fg.muted" onClick={clear}>
            <X aria-hidden /> Clear
          </Button>
        )}
      </Flex>
      <DataTable
        label="Operations"
        noun="operation"
        columns={operationColumns}
        query={operations}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/operations/$operation', params: { operation: id } })}
        position={search}
        onMove={(next) => setSearch(pageAt(next), { push: true })}
        empty={
          filtered ? (
            <EmptyState
              icon={SearchX}
              title="No operation matches"
              action={
                <Button size="sm" variant="outline" colorPalette="gray" onClick={clear}>
                  Clear filters
                </Button>
              }
            />
          ) : (
            <EmptyState icon={Activity} title="Nothing has run yet">
              When a tenant is provisioned or purged, its steps can be watched here.
            </EmptyState>
          )
        }
      />
    </>
  );
}

function queryOf(search: Omit<OperationsSearch, 'page'>): ListOperations {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

import { Box, Flex, Skeleton, Stack } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable } from '../../components/data-table/data-table.tsx';
import { fromFirstPage, pageAt } from '../../components/data-table/position.ts';
import { defaultPageSize } from '../../components/data-table/pager.tsx';
import type { DataQuery, ListPosition } from '../../components/data-table/types.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { SearchInput } from '../../components/search-input.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import {
  checkStates,
  isolationParts,
  type IsolationCheck,
  type IsolationCheckList,
  type IsolationControl,
} from '@tenantry/contract';
import { SearchX } from 'lucide-react';
import { read } from '../../lib/api.ts';
import { useScreenSearch } from '../../lib/use-screen-search.ts';
import { CheckDrawer } from './check-drawer.tsx';
import { checksOf, controlsOf } from './check-list.ts';
import { checkColumns, controlColumns } from './columns.tsx';
import { frameworkName } from './control-titles.ts';
import { IsolationFrame } from './frame.tsx';
import { PartCards } from './part-cards.tsx';
import { Runs } from './running.tsx';
import type { PostureSearch } from './search.ts';
import { VerdictBanner } from './verdict-banner.tsx';
import { VerifyButton } from './verify-button.tsx';
import { ViewSwitch } from '../../components/view-switch.tsx';
import { checkStateWords, partWords } from './words.ts';

/** Whether tenants are isolated, what that rests on, and by control and check what fails. */
export function PostureScreen() {
  return (
    <IsolationFrame tab="Posture">
      <Posture />
    </IsolationFrame>
  );
}

function Posture() {
  const { data: summary, error, refetch } = useQuery(read('getIsolation', {}));
  const [startError, setStartError] = useState<unknown>();
  if (summary === undefined) {
    return error === null ? (
      <Stack gap="4" role="status" aria-label="Loading the verdict">
        <Skeleton h="24" rounded="lg" />
        <Skeleton h="32" rounded="lg" />
      </Stack>
    ) : (
      <ErrorAlert error={error} title="The verdict could not be read" onRetry={() => void refetch()} />
    );
  }
  return (
    <Stack gap="5">
      <VerdictBanner summary={summary} actions={<VerifyButton onError={setStartError} />} />
      {startError !== undefined && (
        <ErrorAlert error={startError} title="The verification could not be started" />
      )}
      <PartCards summary={summary} />
      <Runs />
      <Checks />
    </Stack>
  );
}

function Checks() {
  const [search, setSearch] = useScreenSearch<PostureSearch>();
  const query = useQuery({ ...read('listIsolationChecks', {}), placeholderData: keepPreviousData });
  const byCheck = search.view === 'checks';
  const filter = (change: Partial<PostureSearch>) => setSearch(fromFirstPage(change));
  const move = (position: ListPosition) => setSearch(pageAt(position));
  const frameworks = [...new Set((query.data?.controls ?? []).map(({ framework }) => framework))];
  return (
    <Box as="section" aria-label="Controls and checks">
      <Flex gap="2" mb="3" wrap="wrap" align="center">
        <ViewSwitch
          label="List by"
          value={byCheck ? 'checks' : 'controls'}
          options={[
            { value: 'controls', label: 'Controls' },
            { value: 'checks', label: 'Checks' },
          ]}
          onChange={(view) => filter({ view: view === 'checks' ? 'checks' : undefined, q: undefined })}
        />
        {byCheck && (
          <SearchInput
            label="Search checks"
            placeholder="Search checks"
            value={search.q ?? ''}
            onSearch={(q) => filter({ q: q === '' ? undefined : q })}
          />
        )}
        <FilterMenu
          label="Framework"
          single
          options={frameworks.map((value) => ({ value, label: frameworkName(value) }))}
          selected={search.framework === undefined ? [] : [search.framework]}
          onChange={([framework]) => filter({ framework })}
        />
        {byCheck && (
          <>
            <FilterMenu
              label="State"
              single
              options={checkStates.map((value) => ({ value, label: checkStateWords[value] }))}
              selected={search.state === undefined ? [] : [search.state]}
              onChange={([state]) => filter({ state: state as PostureSearch['state'] })}
            />
            <FilterMenu
              label="Part"
              single
              options={isolationParts.map((value) => ({ value, label: partWords[value].name }))}
              selected={search.part === undefined ? [] : [search.part]}
              onChange={([part]) => filter({ part: part as PostureSearch['part'] })}
            />
          </>
        )}
        {query.data !== undefined && <Tally list={query.data} />}
      </Flex>
      {byCheck ? (
        <DataTable<IsolationCheck>
          label="Checks"
          noun="check"
          columns={checkColumns}
          query={pageOf(query, search, (list) => checksOf(list, search))}
          rowId={({ id }) => id}
          rowLink={({ id }) => ({
            to: '.',
            search: ((before: PostureSearch) => ({ ...before, check: id })) as never,
          })}
          position={search}
          onMove={move}
          empty={<NothingFits />}
        />
      ) : (
        <DataTable<IsolationControl>
          label="Controls"
          noun="control"
          columns={controlColumns}
          query={pageOf(query, search, (list) => controlsOf(list, search))}
          rowId={({ ref }) => ref}
          rowLink={({ ref }) => ({
            to: '.',
            search: ((before: PostureSearch) => ({ ...before, control: ref })) as never,
          })}
          position={search}
          onMove={move}
          empty={<NothingFits />}
        />
      )}
      <CheckDrawer list={query.data} search={search} setSearch={setSearch} />
    </Box>
  );
}

function NothingFits() {
  return (
    <EmptyState icon={SearchX} title="Nothing fits these filters">
      Take one of them away.
    </EmptyState>
  );
}

/** How many checks pass, for all of them. */
function Tally({ list }: { readonly list: IsolationCheckList }) {
  const failed = list.items.filter(({ state }) => state === 'failed').length;
  const passed = list.items.filter(({ state }) => state === 'passed').length;
  // What was never run is not green.
  const unknown = list.items.some(({ state }) => state === 'unknown');
  return (
    <Box ms={{ md: 'auto' }}>
      {failed > 0 ? (
        <StateBadge state="failing" label={`${failed} of ${list.items.length} checks fail`} />
      ) : (
        <StateBadge
          state={unknown ? 'unverified' : 'passed'}
          label={`${passed} of ${list.items.length} checks pass`}
        />
      )}
    </Box>
  );
}

interface ListQuery {
  readonly data: IsolationCheckList | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly isPlaceholderData: boolean;
  readonly refetch: () => unknown;
}

/** The whole list is one answer; a table takes pages, or hundreds of rows would be drawn for the few that are read. */
function pageOf<T>(
  query: ListQuery,
  { cursor, limit = defaultPageSize }: ListPosition,
  pick: (list: IsolationCheckList) => readonly T[],
): DataQuery<T> {
  const all = query.data && pick(query.data);
  const from = Math.max(0, Math.trunc(Number(cursor ?? 0)) || 0);
  return {
    data: all && {
      items: all.slice(from, from + limit),
      nextCursor: from + limit < all.length ? String(from + limit) : null,
      total: all.length,
    },
    error: query.error,
    isFetching: query.isFetching,
    isPlaceholderData: query.isPlaceholderData,
    refetch: query.refetch,
  };
}
